// The backups of this Buoy: the list, a new backup, downloads, and what a restore needs besides.
import type { Backup } from '@buoy/contract';
import {
  type MutationState,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { BackupAdvice } from './backup-advice.tsx';
import { backupsQuery, runBackupKey, runBackupMutation } from './backup-queries.ts';
import { BackupRow } from './backup-row.tsx';
import { backupTexts } from './texts.ts';

type Run = MutationState<Backup, Error, string>;

export function BackupsPage() {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
  const t = useTexts(backupTexts);
  const { data, error } = useQuery(backupsQuery(api));
  const { mutate } = useMutation(runBackupMutation(api, queries));
  // Not this component's own: a run goes on, and is shown again, when one has left the page and comes back.
  const runs = useMutationState({
    filters: { mutationKey: runBackupKey },
    select: ({ state }) => state as Run,
  });
  const run = runs.at(-1) ?? null;
  const isRunning = run?.status === 'pending';
  const now = useNow();
  return (
    <div className="@container">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title={t.backups}>{t.backups}</PageHeading>
        <Button variant="primary" disabled={isRunning} onClick={() => mutate(randomKey())}>
          {isRunning ? t.backingUp : t.backUp}
        </Button>
      </div>
      <p role="status" className="mt-1 mb-3 min-h-lh text-sm text-muted">
        <Summary run={run} backups={data ?? []} now={now} />
      </p>
      {run?.status === 'error' && run.error !== null && (
        <div className="mb-3">
          <ProblemNote problem={run.error} />
        </div>
      )}
      {error !== null && (
        <div className="mb-3">
          <ProblemNote problem={error} />
        </div>
      )}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data?.length === 0 && <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>}
      {data !== undefined && data.length > 0 && (
        <ul aria-label={t.backups} className="overflow-hidden rounded-lg border border-line bg-surface">
          {data.map((backup) => (
            <BackupRow key={backup.filename} backup={backup} now={now} />
          ))}
        </ul>
      )}
      {data?.some(({ verified }) => !verified) && (
        <p className="mt-2 text-sm text-muted">{t.unverifiedNote}</p>
      )}
      {telegram !== null && <p className="mt-2 text-sm text-muted">{t.notInTelegram}</p>}
      {/* Not before the list is there: it would be pushed down. */}
      {(data !== undefined || error !== null) && <BackupAdvice />}
    </div>
  );
}

/** How the backup that was asked for here goes; without one, what there is. */
function Summary({ run, backups, now }: { run: Run | null; backups: readonly Backup[]; now: number }) {
  const t = useTexts(backupTexts);
  const formats = useFormats();
  if (run?.status === 'success' && run.data !== undefined)
    return run.data.verified ? t.made(formats.bytes(run.data.sizeBytes)) : t.madeBadly;
  if (run?.status === 'pending') return t.running(formats.duration((now - run.submittedAt) / 1000));
  const [newest] = backups;
  if (newest === undefined) return null;
  const bytes = backups.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return t.kept(backups.length, formats.bytes(bytes), formats.age(newest.createdAt, now));
}
