// Orders jobs: failed first, then by next run.
import type { CronJob } from '@buoy/contract';

/** A job that was switched off does not call for anybody. */
export function hasFailed(job: Pick<CronJob, 'enabled' | 'lastRun'>): boolean {
  return job.enabled && job.lastRun?.status === 'error';
}

/** Failures, what runs now, what runs next, what is switched off; by name where that tells nothing. */
export function failuresFirst(jobs: readonly CronJob[]): CronJob[] {
  const rank = (job: CronJob) => (hasFailed(job) ? 0 : job.running ? 1 : job.enabled ? 2 : 3);
  const next = ({ nextRunAt }: CronJob) =>
    nextRunAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(nextRunAt);
  return [...jobs].sort(
    (one, other) => rank(one) - rank(other) || next(one) - next(other) || one.name.localeCompare(other.name),
  );
}
