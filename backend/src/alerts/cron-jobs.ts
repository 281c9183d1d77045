// Scheduled jobs of OpenClaw whose last run failed, or that did not run although they were due.
import type { CronJob, Thresholds } from '@buoy/contract';
import { type AlertKey, type Condition, condition, firstOf, subjectText } from './condition.ts';
import { durationWords } from './duration-words.ts';

/** What decides whether a job is late. */
export type SchedulerFacts = {
  /** Milliseconds since the epoch, by the clock of the server, which is the one that jobs run by. */
  serverNowMs: number;
  /** When the gateway started, by the same clock; null: not known. It catches up on what it missed before. */
  startedMs: number | null;
};

export function cronConditions(
  jobs: readonly CronJob[],
  facts: SchedulerFacts,
  { cronLateS }: Thresholds,
): { active: Condition[]; undetermined: AlertKey[] } {
  const judged = jobs.flatMap((job) => {
    if (!job.enabled || job.running) return [];
    if (job.lastRun?.status === 'error') return [() => failedCondition(job)];
    const lateMs = latenessOf(job, facts);
    return lateMs > cronLateS * 1000 ? [() => lateCondition(job, facts.serverNowMs)] : [];
  });
  return {
    active: firstOf('cron_failed', judged, (make) => make()),
    undetermined: jobs
      .filter(({ running }) => running)
      .map(({ id }) => ({ type: 'cron_failed', subject: subjectText(id) })),
  };
}

/** Milliseconds. Jobs that OpenClaw keeps for itself wait for quiet hours and idle agents, which is not being late. */
function latenessOf({ nextRunAt, system }: CronJob, { serverNowMs, startedMs }: SchedulerFacts): number {
  if (nextRunAt === null || system) return 0;
  return serverNowMs - Math.max(Date.parse(nextRunAt), startedMs ?? 0);
}

function failedCondition({ id, name, lastRun }: CronJob): Condition {
  const evidence = [`Last run: ${lastRun?.at}`, lastRun?.error].filter((line) => line != null).join('\n');
  return condition('cron_failed', 'warning', `The scheduled job "${name}" failed.`, evidence, id);
}

function lateCondition({ id, name, nextRunAt, lastRun }: CronJob, serverNowMs: number): Condition {
  const cause = `The scheduled job "${name}" was due at ${nextRunAt} and has not run.`;
  const evidence = [
    `Late by: ${durationWords(serverNowMs - Date.parse(nextRunAt ?? ''))}`,
    `Last run: ${lastRun?.at ?? 'never'}`,
    "Check that cron.enabled in the config of OpenClaw is not false, and that the job's agent exists.",
  ];
  return condition('cron_failed', 'warning', cause, evidence.join('\n'), id);
}
