// The probe result for each way in which a server answers or fails to answer.
import type { CronJob, OpenclawStatus } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { StatusAnswer } from '../openclaw/status/status.ts';
import { createHealthProbe } from './health-probe.ts';

type Parts = Parameters<typeof createHealthProbe>[0]['openclaw'];

const observedAt = '2026-03-01T10:00:00.000Z';
const status = { installed: true, channels: [] } as unknown as OpenclawStatus;
const vitals = { skewMs: 0, inodes: null, certificateEndsMs: null };
const jobs = [{ id: 'j1', name: 'nightly' }] as CronJob[];
const answer = (more: Partial<StatusAnswer> = {}) =>
  Promise.resolve({ status, source: 'gateway' as const, observedAt, channelsSeen: true, ...more });

let clock: FakeClock;
let log: ReturnType<typeof createRecordingLogger>;
let reading: () => Promise<StatusAnswer>;
let listing: () => Promise<{ jobs: CronJob[]; source: 'gateway' | 'snapshot'; observedAt: string }>;
let errorsOfModels: Parts['logs']['modelErrors'] extends (...args: never[]) => infer R ? () => R : never;
let readVitals: Parts['hostVitals']['read'] extends (...args: never[]) => infer R ? () => R : never;
let lastOrigin: 'buoy' | 'openclaw' | null;

beforeEach(() => {
  clock = createFakeClock();
  log = createRecordingLogger();
  reading = answer;
  listing = () => Promise.resolve({ jobs, source: 'gateway', observedAt });
  errorsOfModels = async () => [];
  readVitals = async () => vitals;
  lastOrigin = null;
});

const probe = (signal = new AbortController().signal, options = {}) =>
  createHealthProbe({
    openclaw: {
      status: { read: () => reading() },
      cron: { list: () => listing() } as unknown as Parts['cron'],
      sessions: {
        list: async () => ({ sessions: [], nextCursor: null, source: 'gateway', observedAt }),
      } as unknown as Parts['sessions'],
      logs: { modelErrors: () => errorsOfModels() },
      hostVitals: { read: () => readVitals() },
      signIns: { read: async () => [] },
      config: {
        history: async () => ({
          revisions: lastOrigin === null ? [] : [{ origin: lastOrigin, at: observedAt }],
          nextCursor: null,
        }),
      } as unknown as Parts['config'],
    },
    clock,
    logger: log.logger,
  })('srv_1', signal, options);
const fails = (error: unknown) => () => Promise.reject(error);

describe('probe of a server that answers', () => {
  test('includes the scheduled jobs when the gateway answers', async () => {
    expect(await probe()).toEqual({
      ...{ kind: 'seen', status, failure: null, channelsSeen: true },
      ...{ cronJobs: jobs, sessions: [], modelErrors: [], configRevertedAt: null },
      ...{ vitals, signIns: [] },
    });
  });

  test('reads the host, without jobs, when the gateway is down', async () => {
    reading = () => answer({ source: 'cli', channelsSeen: false });
    expect(await probe()).toMatchObject({
      ...{ kind: 'seen', channelsSeen: false, cronJobs: null, sessions: null, modelErrors: null },
    });
  });

  test('is "seen" without jobs when they cannot be read or are only a snapshot', async () => {
    listing = () => Promise.reject(new AppError('unsupported', 'This version has no jobs.'));
    expect(await probe()).toMatchObject({ kind: 'seen', cronJobs: null });
    listing = () => Promise.resolve({ jobs, source: 'snapshot', observedAt });
    expect(await probe()).toMatchObject({ kind: 'seen', cronJobs: null });
  });

  test('has the vitals of the host when the gateway is down, and is "seen" without them', async () => {
    reading = () => answer({ source: 'cli', channelsSeen: false });
    expect(await probe()).toMatchObject({ kind: 'seen', vitals, signIns: null });
    readVitals = () => Promise.reject(new AppError('bad_gateway', 'The check did not finish.'));
    expect(await probe()).toMatchObject({ kind: 'seen', vitals: null });
  });

  test('is "seen" without the errors of models when the log cannot be read', async () => {
    errorsOfModels = () => Promise.reject(new AppError('unsupported', 'This version has no log.'));
    expect(await probe()).toMatchObject({ kind: 'seen', modelErrors: null, sessions: [] });
  });

  test('reports when OpenClaw restored its config, unless it has changed since', async () => {
    lastOrigin = 'openclaw';
    expect(await probe()).toMatchObject({ configRevertedAt: observedAt });
    lastOrigin = 'buoy';
    expect(await probe()).toMatchObject({ configRevertedAt: null });
  });
});

describe('probe of an unreachable server', () => {
  const refused = new AppError('unreachable', 'Nothing answers at h:22.', { hint: 'Check the port.' });

  test('repeats the SSH error, with and without an earlier snapshot', async () => {
    const result = { kind: 'unreachable', message: 'Nothing answers at h:22.', hint: 'Check the port.' };
    reading = fails(refused);
    expect(await probe()).toEqual(result);
    reading = () => answer({ source: 'snapshot', problem: refused });
    expect(await probe()).toEqual(result);
  });

  test('repeats the last failure while the circuit is open', async () => {
    reading = fails(
      new AppError('circuit_open', 'The server could not be reached 5 times in a row.', { cause: refused }),
    );
    expect(await probe()).toMatchObject({ message: 'Nothing answers at h:22.' });
  });

  test('is "unreachable" for a changed host key', async () => {
    reading = fails(new AppError('host_key_changed', 'The host key of h:22 changed.'));
    expect(await probe()).toEqual({
      ...{ kind: 'unreachable', message: 'The host key of h:22 changed.', hint: null },
    });
  });
});

test('calls a server that has never answered unreachable after 3 s', async () => {
  reading = () => new Promise(() => {});
  const probing = probe(undefined, { briefly: true });
  clock.pass(3_000);
  expect(await probing).toMatchObject({
    kind: 'unreachable',
    message: 'The server has never answered, and did not answer within 3 s.',
  });
});

describe('failed probe', () => {
  test('is "failed", not "unreachable", when the queue of Buoy is full', async () => {
    reading = () =>
      answer({ source: 'snapshot', problem: new AppError('queue_full', 'Too many calls wait.') });
    expect(await probe()).toEqual({ kind: 'failed', message: 'Too many calls wait.' });
  });

  test('logs an unexpected error and does not show its message', async () => {
    reading = fails(new TypeError('undefined is not a function'));
    expect(await probe()).toEqual({ kind: 'failed', message: 'the log of Buoy has the details.' });
    expect(log.text()).toContain('undefined is not a function');
  });

  test('ends after 20 s with "failed"', async () => {
    reading = () => new Promise(() => {});
    const probing = probe();
    clock.pass(20_000);
    expect(await probing).toEqual({ kind: 'failed', message: 'it did not finish within 20 s.' });
  });

  test('returns null when the server was deleted', async () => {
    reading = fails(new AppError('not_found', 'There is no such server.'));
    expect(await probe()).toBeNull();
  });

  test('rejects with the shutdown error when Buoy stops', async () => {
    const stop = new AbortController();
    reading = () => new Promise(() => {});
    const probing = probe(stop.signal);
    stop.abort(new AppError('shutting_down', 'Buoy is stopping.'));
    await expect(probing).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
