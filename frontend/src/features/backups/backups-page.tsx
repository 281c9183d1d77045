// The backups of this Buoy: which there are, one more now, one to take away, and what a restore takes besides.
import type { Backup } from '@buoy/contract';
import {
  type MutationState,
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { linkTo } from '../../navigation.ts';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import { formatAge, formatDuration } from '../../ui/age.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/bytes.ts';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { backupsQuery, runBackupKey, runBackupMutation } from './backup-queries.ts';
import { BackupRow } from './backup-row.tsx';
import { KeepToo } from './keep-too.tsx';

type Run = MutationState<Backup, Error, string>;

export function BackupsPage() {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
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
    <div className="@container mx-auto max-w-5xl">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4`}>
        ← All servers
      </a>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title="Backups">Backups</PageHeading>
        <Button look="primary" disabled={isRunning} onClick={() => mutate(randomKey())}>
          {isRunning ? 'Backing up…' : 'Back up now'}
        </Button>
      </div>
      <p role="status" className="mt-1 mb-3 min-h-lh text-sm text-muted">
        {run !== null && run.status !== 'error' && run.status !== 'idle'
          ? runWords(run, now)
          : summaryOf(data ?? [], now)}
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
      {data === undefined && error === null && <Skeleton label="Loading backups" rows={3} />}
      {data?.length === 0 && (
        <p className="rounded-lg border border-line bg-surface p-5 text-muted">
          There is no backup yet. Buoy makes one every day by itself, or now, when you press the button.
        </p>
      )}
      {data !== undefined && data.length > 0 && (
        <ul aria-label="Backups" className="overflow-hidden rounded-lg border border-line bg-surface">
          {data.map((backup) => (
            <BackupRow key={backup.filename} backup={backup} now={now} />
          ))}
        </ul>
      )}
      {data?.some(({ verified }) => !verified) && (
        <p className="mt-2 text-sm text-muted">
          Not verified: this Buoy has not made that file, or it was changed since. Restore from another one if
          you can.
        </p>
      )}
      {telegram !== null && (
        <p className="mt-2 text-sm text-muted">
          Telegram cannot save files: open Buoy in a browser to download.
        </p>
      )}
      {/* Not before the list is there: it would be pushed down. */}
      {(data !== undefined || error !== null) && <KeepToo />}
    </div>
  );
}

function runWords(run: Run, now: number): string {
  if (run.status === 'success' && run.data !== undefined)
    return run.data.verified
      ? `Backup made and verified: ${formatBytes(run.data.sizeBytes)}.`
      : 'A backup was made, but it did not pass its check.';
  const seconds = (now - run.submittedAt) / 1000;
  return `Backing up, ${formatDuration(seconds)}. You may leave this page.`;
}

function summaryOf(backups: readonly Backup[], now: number): string {
  const [newest] = backups;
  if (newest === undefined) return '';
  const bytes = backups.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${backups.length} kept, ${formatBytes(bytes)} · newest ${formatAge(newest.createdAt, now)}`;
}
