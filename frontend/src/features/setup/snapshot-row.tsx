// One snapshot: what it was made for, its age and size, and what may be done with it.
import type { Server, Snapshot } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { type GatewayTasks, isAnyRunning } from '../servers/use-gateway-tasks.ts';
import { RestoreQuestion } from './restore-question.tsx';
import { SNAPSHOTS } from './setup-queries.ts';
import { snapshotTexts } from './snapshot-texts.ts';
import { useSnapshotDownload } from './use-snapshot-download.ts';

type RowProps = { server: Server; snapshot: Snapshot; tasks: GatewayTasks; now: number };

export function SnapshotRow({ server, snapshot, tasks, now }: RowProps) {
  const t = useTexts(snapshotTexts);
  const formats = useFormats();
  const { version, reason, note, createdAt, sizeBytes, verified } = snapshot;
  return (
    <li className="space-y-2 border-t border-line py-3 first:border-t-0">
      <div>
        <p className="text-sm font-medium">
          {t[`reason_${reason}`]} · OpenClaw <VisibleText text={version} />
        </p>
        {note !== null && (
          <p className="text-sm">
            <VisibleText text={note} />
          </p>
        )}
        <p className="text-xs text-muted">
          {formats.moment(createdAt)} · {formats.age(createdAt, now)} · {formats.bytes(sizeBytes)}
        </p>
        {!verified && <p className="text-sm text-down">{t.notVerified}</p>}
      </div>
      {server.role !== 'viewer' && <Actions server={server} snapshot={snapshot} tasks={tasks} />}
    </li>
  );
}

/** @param detail in the words of its server */
export function VerifyResult({ ok, detail }: { ok: boolean; detail: string }) {
  return (
    <p role="status" lang="en" className={ok ? 'text-up' : 'text-down'}>
      <VisibleText text={detail} />
    </p>
  );
}

function Actions({ server, snapshot, tasks }: Omit<RowProps, 'now'>) {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
  const t = useTexts(snapshotTexts);
  const formats = useFormats();
  const [asked, setAsked] = useState<'restore' | 'remove' | null>(null);
  const { download, start, cancel } = useSnapshotDownload(server.id, snapshot.id);
  const params = { id: server.id, snapshotId: snapshot.id };
  const refetch = () => void queries.invalidateQueries({ queryKey: [SNAPSHOTS, server.id] });
  const verify = useMutation({
    mutationFn: () => api.call('POST /servers/:id/setup/snapshots/:snapshotId/verify', { params }),
    onSuccess: refetch,
  });
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /servers/:id/setup/snapshots/:snapshotId', { params }),
    onSuccess: () => {
      setAsked(null);
      refetch();
    },
    meta: { done: t.removed },
  });
  const moment = formats.moment(snapshot.createdAt);
  const isOwner = server.role === 'owner';
  const restoring = tasks.restore.view;
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: no fields, no fieldset */}
      <div role="group" aria-label={t.actionsFor(moment)} className="flex flex-wrap gap-2">
        <Button disabled={verify.isPending} onClick={() => verify.mutate()}>
          {verify.isPending ? t.verifying : t.verify}
        </Button>
        {isOwner && (
          <Button disabled={isAnyRunning(tasks)} onClick={() => setAsked('restore')}>
            {restoring !== null && !hasEnded(restoring.task) ? t.restoring : t.restore}
          </Button>
        )}
        {/* Telegram's window has nowhere to save a file to. */}
        {isOwner &&
          telegram === null &&
          (download.phase === 'receiving' ? (
            <Button onClick={cancel}>{t.cancelDownload}</Button>
          ) : (
            <Button onClick={start}>{t.download}</Button>
          ))}
        {isOwner && (
          <Button variant="danger" onClick={() => setAsked('remove')}>
            {t.remove}
          </Button>
        )}
      </div>
      <div className="space-y-2 text-sm empty:hidden">
        {verify.error !== null && <ProblemNote problem={verify.error} />}
        {verify.data !== undefined && <VerifyResult {...verify.data} />}
        {download.phase === 'receiving' && (
          <p role="status">
            {t.downloading} {formats.bytes(download.receivedBytes)}
          </p>
        )}
        {download.phase === 'failed' && <ProblemNote problem={download.problem} />}
        {download.phase === 'saved' && <p role="status">{t.downloaded}</p>}
      </div>
      {asked === 'restore' && (
        <RestoreQuestion server={server} snapshot={snapshot} tasks={tasks} onClose={() => setAsked(null)} />
      )}
      {asked === 'remove' && (
        <Confirm
          title={t.removeTitle(moment)}
          action={t.removeNow}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(null)}
        >
          <p>{t.removeWhat(server.name)}</p>
        </Confirm>
      )}
    </>
  );
}
