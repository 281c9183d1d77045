// Maps refusals of the scheduler to errors.
import { AppError } from '../../lib/app-error.ts';
import type { Meaning, Refusal } from '../gateway/refusals.ts';

/** 2026.9.6 has a code for it; 2026.7.35 only says so. */
function isMissingJob({ message, details }: Refusal): boolean {
  return details.code === 'CRON_JOB_NOT_FOUND' || /\b(id not found|cron job not found)\b/.test(message);
}

export const missingJob: Meaning = {
  when: isMissingJob,
  is: () => new AppError('not_found', 'This server has no such job.', { hint: 'Check the list of jobs.' }),
};

/** A schedule or delivery that OpenClaw does not take, in its own words. */
const badJob: Meaning = {
  when: ({ code }) => code === 'INVALID_REQUEST',
  is: (refusal) =>
    new AppError(
      'refused',
      `OpenClaw rejected this job: ${refusal.message.replace(/^invalid cron\.\w+ params: /, '').slice(0, 500)}`,
      { details: { openclaw: refusal } },
    ),
};

/** For `explained`, the first that fits. */
export const jobRefusals: readonly Meaning[] = [missingJob, badJob];
