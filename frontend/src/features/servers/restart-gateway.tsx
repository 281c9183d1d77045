// The restart button: says first what will happen, then hands the task over to be watched.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { hasEnded } from '../tasks/task-view.ts';
import type { WatchedTask } from '../tasks/use-task.ts';

export function RestartGateway({
  server,
  status,
  task,
}: {
  server: Server;
  status: OpenclawStatus | null;
  task: WatchedTask;
}) {
  /** The key of one decision to restart: a repeated request is not a second restart. */
  const [decision, setDecision] = useState<string | null>(null);
  const isRunning = task.view !== null && !hasEnded(task.view.task);
  return (
    <>
      <Button
        look="primary"
        disabled={isRunning || status?.installed === false}
        onClick={() => setDecision(randomKey())}
      >
        {isRunning ? 'Restarting…' : 'Restart gateway'}
      </Button>
      {decision !== null && (
        <ConfirmRestart
          server={server}
          status={status}
          task={task}
          idempotencyKey={decision}
          onClose={() => setDecision(null)}
        />
      )}
    </>
  );
}

function ConfirmRestart({
  server,
  status,
  task,
  idempotencyKey,
  onClose,
}: {
  server: Server;
  status: OpenclawStatus | null;
  task: WatchedTask;
  idempotencyKey: string;
  onClose: () => void;
}) {
  const { api } = useServices();
  const params = { id: server.id };
  const restart = useMutation({
    mutationFn: async () => {
      try {
        return await api.call('POST /servers/:id/openclaw/restart', {
          params,
          headers: { 'idempotency-key': idempotencyKey },
        });
      } catch (error) {
        const runningId = runningTaskId(error);
        if (runningId === null) throw error;
        return api.call('GET /tasks/:id', { params: { id: runningId } });
      }
    },
    onSuccess: (answer) => {
      task.watch(answer.task);
      onClose();
    },
  });
  return (
    <Dialog title={`Restart the gateway on ${server.name}?`} onClose={onClose}>
      <div className="mt-3 space-y-3 text-sm">
        <p>
          systemd restarts{' '}
          <code className="font-mono">{status?.service.unit ?? 'the unit of the OpenClaw gateway'}</code> on{' '}
          <span className="font-mono">
            {server.username}@{server.host}
          </span>
          .
        </p>
        <ul className="list-disc space-y-1 pl-5 text-muted">
          <li>Channels are offline and running agent turns end, usually for less than a minute.</li>
          <li>Sessions, files and settings stay as they are.</li>
          <li>
            Buoy waits until the gateway is ready and healthy; if it hangs, Buoy kills it and starts it once
            more.
          </li>
          <li>If it does not come back, you are told the cause from its log.</li>
        </ul>
        {restart.error !== null && <ProblemNote problem={restart.error} />}
      </div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={restart.isPending} onClick={() => restart.mutate()}>
          {restart.isPending ? 'Starting…' : 'Restart now'}
        </Button>
      </div>
    </Dialog>
  );
}

/** Somebody else was faster: their task is watched instead. */
function runningTaskId(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.code !== 'task_already_running') return null;
  const { details } = error;
  return typeof details === 'object' &&
    details !== null &&
    'taskId' in details &&
    typeof details.taskId === 'string'
    ? details.taskId
    : null;
}
