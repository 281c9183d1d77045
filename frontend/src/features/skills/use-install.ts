// Starts an installation and hands its task over to be watched; one that runs already is watched instead.
import type { Contract, RequestOf } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import type { WatchedTask } from '../tasks/use-task.ts';

export type Installation = RequestOf<Contract['POST /servers/:id/openclaw/skills/install']>['body'];

/** Takes an installation with the key of the decision: a repeated request is not a second installation. */
export function useInstall(serverId: string, task: WatchedTask, onStarted: () => void) {
  const { api } = useServices();
  return useMutation({
    mutationFn: async ({ installation, key }: { installation: Installation; key: string }) => {
      try {
        return await api.call('POST /servers/:id/openclaw/skills/install', {
          params: { id: serverId },
          body: installation,
          headers: { 'idempotency-key': key },
        });
      } catch (error) {
        const runningId = runningTaskId(error);
        if (runningId === null) throw error;
        return api.call('GET /tasks/:id', { params: { id: runningId } });
      }
    },
    onSuccess: (answer) => {
      task.watch(answer.task);
      onStarted();
    },
  });
}

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
