// Schedule of the daily backup: at its time, retried after a failure, soon after a start that missed it, never twice.
import { expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { BackupRunRecord } from './backup-run-record.ts';
import { createDailyBackup } from './daily-backup.ts';

const HOUR_MS = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00.000Z');

/** A daily backup at 03:15 that starts at noon, with runs that go as `failing` says. */
function stage(known: { since?: string; lastSuccessAt?: string | null } = {}) {
  const clock = createFakeClock(noon);
  const runs: string[] = [];
  const log: unknown[] = [];
  let failing: Error | null = null;
  const state: BackupRunRecord = {
    since: known.since ?? isoTime(noon),
    lastAt: null,
    lastOk: null,
    lastSuccessAt: known.lastSuccessAt ?? null,
    lastSizeBytes: null,
    failures: 0,
  };
  const daily = createDailyBackup({
    backups: {
      prepare: () => Promise.resolve(),
      state: () => Promise.resolve(state),
      async run() {
        runs.push(isoTime(clock.now()).slice(5, 16));
        if (failing !== null) throw failing;
        const createdAt = isoTime(clock.now());
        return { filename: 'buoy.db.gz', sizeBytes: 1, createdAt, sha256: 'abc', verified: true };
      },
    },
    audit: { record: async (...entry) => void log.push(entry) },
    at: { hour: 3, minute: 15 },
    clock,
    logger: createRecordingLogger().logger,
  });
  return {
    daily,
    runs,
    log,
    fail: (error: Error | null) => {
      failing = error;
    },
    /** In steps of five minutes, so that what is waited for happens at its time. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += HOUR_MS / 12) {
        clock.pass(HOUR_MS / 12);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('the daily backup runs at its UTC time, and each run is in the audit log', async () => {
  const { daily, runs, log, pass } = stage();
  await daily.start();
  await pass(72 * HOUR_MS);
  expect(runs).toEqual(['03-02T03:15', '03-03T03:15', '03-04T03:15']);
  expect(log).toEqual(
    Array(3).fill(['backup', 'ok', { target: 'buoy.db.gz', details: { sizeBytes: 1, sha256: 'abc' } }]),
  );
  await daily.stop();
});

test('a failed daily backup is retried every hour until it succeeds', async () => {
  const { daily, runs, log, fail, pass } = stage();
  fail(new AppError('storage_full', "Buoy's disk is full; no backup was made."));
  await daily.start();
  await pass(18 * HOUR_MS);
  fail(null);
  await pass(30 * HOUR_MS);
  expect(runs).toEqual(['03-02T03:15', '03-02T04:15', '03-02T05:15', '03-02T06:15', '03-03T03:15']);
  expect(log[0]).toEqual([
    'backup',
    'failed',
    { details: { code: 'storage_full', message: "Buoy's disk is full; no backup was made." } },
  ]);
  expect(log[3]).toMatchObject(['backup', 'ok', {}]);
  await daily.stop();
});

test.each([
  ['a day and three hours ago', '2026-02-28T09:00:00.000Z', '03-01T12:00'],
  ['a month ago', '2026-02-01T03:15:00.000Z', '03-01T12:00'],
  ['a day and one hour ago', '2026-02-28T11:00:00.000Z', '03-01T13:00'],
  ['this night', '2026-03-01T03:15:00.000Z', '03-02T03:15'],
])(
  'after a start with the last good backup from %s, the next runs once it is 26 hours old',
  async (_when, lastSuccessAt, first) => {
    const { daily, runs, pass } = stage({ since: '2026-01-01T00:00:00.000Z', lastSuccessAt });
    await daily.start();
    await pass(24 * HOUR_MS);
    expect(runs[0]).toBe(first);
    await daily.stop();
  },
);

test('without any backup, a Buoy older than 26 hours makes one at start; a new one waits for the daily time', async () => {
  const old = stage({ since: '2026-02-01T00:00:00.000Z' });
  await old.daily.start();
  await old.pass(HOUR_MS);
  expect(old.runs).toEqual(['03-01T12:00']);
  await old.daily.stop();

  const fresh = stage();
  await fresh.daily.start();
  await fresh.pass(HOUR_MS);
  expect(fresh.runs).toEqual([]);
  await fresh.daily.stop();
});

test('the daily backup is skipped during a manual one, without recording a failure', async () => {
  const { daily, runs, log, fail, pass } = stage();
  fail(new AppError('conflict', 'A backup is already being made.'));
  await daily.start();
  await pass(24 * HOUR_MS);
  expect(runs).toEqual(['03-02T03:15']);
  expect(log).toEqual([]);
  await daily.stop();
});

test('no daily backup runs after stop', async () => {
  const { daily, runs, pass } = stage();
  await daily.start();
  await daily.stop();
  await pass(48 * HOUR_MS);
  expect(runs).toEqual([]);
});
