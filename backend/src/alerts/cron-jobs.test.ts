// Which scheduled jobs did not run although they were due.
import { type CronJob, defaultThresholds } from '@buoy/contract';
import { expect, test } from 'vitest';
import { cronConditions } from './cron-jobs.ts';

const MINUTE_MS = 60_000;
const now = Date.parse('2026-03-02T10:00:00.000Z');
const at = (minutes: number) => new Date(now + minutes * MINUTE_MS).toISOString();
const job = (more: Partial<CronJob> = {}): CronJob => ({
  ...{ id: 'j1', name: 'nightly', enabled: true, agentId: null, message: 'go', sessionTarget: 'isolated' },
  schedule: { kind: 'cron', expr: '0 9 * * *', tz: null },
  delivery: { mode: 'none', channel: null, to: null },
  ...{ nextRunAt: at(-25), running: false, lastRun: null, system: false },
  ...more,
});
const judged = (jobs: CronJob[], startedMs: number | null = null, cronLateS = 600) =>
  cronConditions(jobs, { serverNowMs: now, startedMs }, { ...defaultThresholds, cronLateS });

test('a job that is later than the threshold: the cause says which, and since when', () => {
  expect(judged([job()]).active).toEqual([
    {
      ...{ type: 'cron_failed', subject: 'j1', severity: 'warning' },
      cause: `The scheduled job "nightly" was due at ${at(-25)} and has not run.`,
      evidence: [
        'Late by: 25 minutes',
        'Last run: never',
        "Check that cron.enabled in the config of OpenClaw is not false, and that the job's agent exists.",
      ].join('\n'),
    },
  ]);
  expect(judged([job()], null, 1_800).active).toEqual([]);
});

test('what failed is said in place of what is late', () => {
  const lastRun = { at: at(-90), status: 'error' as const, error: 'no model', durationMs: 1 };
  expect(judged([job({ lastRun })]).active).toMatchObject([
    { cause: 'The scheduled job "nightly" failed.', evidence: `Last run: ${at(-90)}\nno model` },
  ]);
});

test.each([
  ['is not due yet', job({ nextRunAt: at(5) })],
  ['is due for less than the threshold', job({ nextRunAt: at(-9) })],
  ['has no next run', job({ nextRunAt: null })],
  ['is disabled', job({ enabled: false })],
  ['is one that OpenClaw keeps for itself', job({ system: true })],
])('a job that %s is not late', (_, one) => {
  expect(judged([one])).toEqual({ active: [], undetermined: [] });
});

test('a job that runs is undetermined', () => {
  expect(judged([job({ running: true })])).toEqual({
    ...{ active: [], undetermined: [{ type: 'cron_failed', subject: 'j1' }] },
  });
});

test('what was due before the gateway started is late only so long after the start', () => {
  expect(judged([job()], now - 9 * MINUTE_MS).active).toEqual([]);
  expect(judged([job()], now - 11 * MINUTE_MS).active).toHaveLength(1);
});
