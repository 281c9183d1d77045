// Jobs of both versions of OpenClaw in one shape.
import { cronJob, cronRun } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { gatewayJob, gatewayRun, isSystemJob, presentJob, presentRun } from './jobs.ts';

const job = (more: object = {}) =>
  gatewayJob.parse({
    id: '168167e3-4e17-4b31-bed7-49ae39654433',
    agentId: 'main',
    name: 'Lab reminder',
    enabled: true,
    createdAtMs: 1795560466743,
    schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Moscow' },
    sessionTarget: 'isolated',
    wakeMode: 'now',
    payload: { kind: 'agentTurn', message: 'say hi', toolsAllow: ['*'] },
    delivery: { mode: 'none' },
    state: { nextRunAtMs: 1795586400000 },
    ...more,
  });

describe('cron job', () => {
  test('shows its fields as created', () => {
    expect(cronJob.parse(presentJob(job()))).toEqual({
      id: '168167e3-4e17-4b31-bed7-49ae39654433',
      name: 'Lab reminder',
      enabled: true,
      agentId: 'main',
      schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Moscow' },
      message: 'say hi',
      sessionTarget: 'isolated',
      delivery: { mode: 'none', channel: null, to: null },
      nextRunAt: '2026-11-25T06:00:00.000Z',
      running: false,
      lastRun: null,
      system: false,
    });
  });

  test('shows a failed last run, and that it is running again', () => {
    const state = {
      lastRunAtMs: 1795603256410,
      lastRunStatus: 'error',
      lastError: 'no model',
      lastDurationMs: 12.6,
      runningAtMs: 1795603256500,
    };
    expect(cronJob.parse(presentJob(job({ state })))).toMatchObject({
      running: true,
      nextRunAt: null,
      lastRun: { at: '2026-11-25T10:40:56.410Z', status: 'error', error: 'no model', durationMs: 13 },
    });
  });

  test.each([
    [
      { kind: 'every', everyMs: 60_000, anchorMs: 5 },
      { kind: 'every', everyMs: 60_000 },
    ],
    [
      { kind: 'at', at: '2030-01-01T00:00:00+01:00' },
      { kind: 'at', at: '2029-12-31T23:00:00.000Z' },
    ],
    [
      { kind: 'at', at: 'some day' },
      { kind: 'other', name: 'at' },
    ],
    [
      { kind: 'stream', command: ['tail'] },
      { kind: 'other', name: 'stream' },
    ],
    ['nonsense', { kind: 'other', name: 'unknown' }],
  ])('shows the schedule %j', (schedule, shown) => {
    expect(cronJob.parse(presentJob(job({ schedule }))).schedule).toEqual(shown);
  });

  test('shows reminders and announcements', () => {
    expect(presentJob(job({ payload: { kind: 'systemEvent', text: 'reminder' } })).message).toBe('reminder');
    expect(presentJob(job({ delivery: { mode: 'announce', channel: 'last' } })).delivery).toEqual({
      mode: 'announce',
      channel: 'last',
      to: null,
    });
  });

  test.each([
    ['https://me:secret@host/x', 'https://***@host/***'],
    ['https://hooks.example.com:8443/services/T00/B00/s3cr3t', 'https://hooks.example.com:8443/***'],
    ['http://host?token=x', 'http://host/***'],
    ['https://host/', 'https://host/'],
    ['no address; token=0123456789abcdef', 'no address; token=[redacted]'],
  ])('shows of the webhook %s where it leads, but not what may be its secret', (to, shown) => {
    expect(presentJob(job({ delivery: { mode: 'webhook', to } })).delivery.to).toBe(shown);
  });

  test('is shown with only an id', () => {
    expect(cronJob.parse(presentJob(gatewayJob.parse({ id: 'x' })))).toMatchObject({
      name: '',
      message: null,
      system: false,
    });
  });
});

test('cron job › marks jobs that OpenClaw manages itself', () => {
  expect(isSystemJob(job({ declarationKey: 'heartbeat:main' }))).toBe(true);
  expect(isSystemJob(job({ payload: { kind: 'heartbeat' } }))).toBe(true);
  expect(isSystemJob(job({ description: '[managed-by=memory-core.short-term-promotion] Promote' }))).toBe(
    true,
  );
  expect(isSystemJob(job({ description: 'mine' }))).toBe(false);
});

test('cron job › shows a run with all fields and with none', () => {
  const run = {
    ts: 1795603257765,
    action: 'finished',
    status: 'ok',
    summary: 'm',
    runId: 'manual:x:1',
    runAtMs: 1795603256410,
    durationMs: 1355,
    deliveryStatus: 'not-requested',
    sessionKey: 'agent:main:cron:x',
    usage: { total_tokens: 42 },
  };
  expect(cronRun.parse(presentRun(gatewayRun.parse(run)))).toEqual({
    id: 'manual:x:1',
    at: '2026-11-25T10:40:56.410Z',
    status: 'ok',
    error: null,
    summary: 'm',
    durationMs: 1355,
    sessionKey: 'agent:main:cron:x',
    tokens: 42,
    delivered: null,
  });
  expect(
    cronRun.parse(presentRun(gatewayRun.parse({ ts: 0, deliveryStatus: 'not-delivered' }))),
  ).toMatchObject({ delivered: false, status: null });
});
