// The snapshots of a server: read when a person opens them; a new one is made here.
import type { Server } from '@buoy/contract';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { type GatewayTasks, isAnyRunning } from '../servers/use-gateway-tasks.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { snapshotsQuery } from './setup-queries.ts';
import { SnapshotRow } from './snapshot-row.tsx';
import { snapshotTexts } from './snapshot-texts.ts';

export function SnapshotsPanel({ server, tasks }: { server: Server; tasks: GatewayTasks }) {
  const { api } = useServices();
  const t = useTexts(snapshotTexts);
  const now = useNow();
  const [isOpen, setIsOpen] = useState(false);
  const { data, error } = useQuery({ ...snapshotsQuery(api, server.id), enabled: isOpen });
  return (
    <details
      className="rounded-lg border border-line bg-surface px-4 py-1 sm:px-5"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="min-h-11 content-center font-semibold">{t.snapshots}</summary>
      <div className="space-y-3 pb-3">
        <p className="max-w-prose text-sm text-muted">{t.what}</p>
        {error !== null && <ProblemNote problem={error} />}
        {isOpen && data === undefined && error === null && <Skeleton label={t.loading} rows={2} />}
        {data?.length === 0 && <p className="text-sm">{t.none}</p>}
        {data !== undefined && data.length > 0 && (
          <ul aria-label={t.snapshots}>
            {data.map((snapshot) => (
              <SnapshotRow key={snapshot.id} server={server} snapshot={snapshot} tasks={tasks} now={now} />
            ))}
          </ul>
        )}
        {server.role === 'admin' && data !== undefined && data.length > 0 && (
          <p className="text-sm text-muted">{t.ownerNote}</p>
        )}
        {server.role !== 'viewer' && <MakeSnapshot server={server} tasks={tasks} />}
      </div>
    </details>
  );
}

function MakeSnapshot({ server, tasks }: { server: Server; tasks: GatewayTasks }) {
  const t = useTexts(snapshotTexts);
  const [isAsked, setIsAsked] = useState(false);
  const own = tasks.snapshot.view;
  return (
    <>
      <Button disabled={isAnyRunning(tasks)} onClick={() => setIsAsked(true)}>
        {own !== null && !hasEnded(own.task) ? t.making : t.make}
      </Button>
      {isAsked && <MakeQuestion server={server} tasks={tasks} onClose={() => setIsAsked(false)} />}
    </>
  );
}

/** Each time that it is asked is another decision. */
function MakeQuestion({
  server,
  tasks,
  onClose,
}: {
  server: Server;
  tasks: GatewayTasks;
  onClose: () => void;
}) {
  const { api } = useServices();
  const t = useTexts(snapshotTexts);
  const decision = useDecisionKey();
  const [note, setNote] = useState('');
  const make = useMutation({
    mutationFn: () =>
      startOrJoin(api, taskTypes.makeSnapshot, () =>
        api.call('POST /servers/:id/setup/snapshots', {
          params: { id: server.id },
          body: note.trim() === '' ? {} : { note: note.trim() },
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      tasks.snapshot.watch(task);
      onClose();
    },
    onError: decision.onError,
  });
  return (
    <Confirm
      title={t.makeTitle(server.name)}
      action={t.makeNow}
      isPending={make.isPending}
      problem={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    >
      <p className="text-muted">{t.makeWhat}</p>
      <Field label={t.note}>
        {(control) => (
          <TextInput
            {...control}
            maxLength={200}
            value={note}
            onChange={(value) => {
              decision.renew();
              setNote(value);
            }}
          />
        )}
      </Field>
    </Confirm>
  );
}
