import type { CronJob } from '@buoy/contract';
import { expect, it } from 'vitest';
import { failuresFirst } from './job-order.ts';

const job = (name: string, more: Partial<CronJob>): CronJob => ({
  id: name,
  name,
  enabled: true,
  agentId: null,
  schedule: { kind: 'every', everyMs: 60_000 },
  message: 'hi',
  sessionTarget: 'isolated',
  delivery: { mode: 'none', channel: null, to: null },
  nextRunAt: null,
  running: false,
  lastRun: null,
  system: false,
  ...more,
});
const ended = (status: 'ok' | 'error' | 'skipped') => ({
  lastRun: { at: '2026-01-01T10:00:00.000Z', status, error: null, durationMs: 1 },
});

it('orders cron jobs: failed, running, next due, then disabled', () => {
  const jobs = [
    job('off', { enabled: false, ...ended('error') }),
    job('later', { nextRunAt: '2026-01-02T10:00:00.000Z', ...ended('ok') }),
    job('soon', { nextRunAt: '2026-01-01T11:00:00.000Z', ...ended('skipped') }),
    job('running', { running: true }),
    job('failed', { nextRunAt: '2026-01-03T10:00:00.000Z', ...ended('error') }),
    job('never', {}),
  ];
  expect(failuresFirst(jobs).map(({ name }) => name)).toEqual([
    'failed',
    'running',
    'soon',
    'later',
    'never',
    'off',
  ]);
});
