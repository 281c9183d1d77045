// Detailed health of Buoy, and when it is degraded.
import { detailedHealth } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createDetailedHealth } from './detailed-health.ts';

const HOUR_S = 3_600;
const DAY_S = 86_400;
type Parts = Parameters<typeof createDetailedHealth>[0];

function setUp(changes: Partial<Parts> = {}) {
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const ago = (seconds: number) => new Date(clock.now() - seconds * 1000).toISOString();
  const check = createDetailedHealth({
    version: '1.2.3',
    uptimeS: () => 2 * DAY_S,
    database: { dialect: 'sqlite', ping: async () => undefined, sizeBytes: async () => 4096 },
    eventLoop: { read: () => ({ lagP50Ms: 1, lagP99Ms: 12, utilization: 0.1 }) },
    servers: {
      overview: async () => ({
        servers: 3,
        stale: 1,
        byState: { up: 2, down: 0, unreachable: 0, unknown: 1, maintenance: 0, not_set_up: 0 },
      }),
    },
    monitor: { lastRound: async () => ({ endedAt: ago(60), durationMs: 1_500 }) },
    monitorIntervalMs: 300_000,
    tasks: { count: async () => ({ queued: 0, running: 2, oldestQueuedAt: null }) },
    backups: async () => ({ lastAt: ago(HOUR_S), lastOk: true }),
    vault: { keyIds: ['new', 'old'], outdated: async () => 0 },
    telegramConfigured: true,
    clock,
    logger: log.logger,
    ...changes,
  });
  return { check, clock, ago, log };
}
const endedAgo = (seconds: number | null): Parts['monitor'] => ({
  lastRound: async () => ({ endedAt: seconds === null ? null : setUp().ago(seconds), durationMs: 1_500 }),
});
const silent = () => new Promise<never>(() => undefined);
const gone = async () => {
  throw new AppError('storage_unavailable', 'The database does not answer.');
};

describe('detailed health of a healthy Buoy', () => {
  test('is ok, with all numbers, and matches the contract', async () => {
    const { check, ago } = setUp();
    const answer = await check();
    expect(detailedHealth.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      status: 'ok',
      reasons: [],
      version: '1.2.3',
      uptimeS: 2 * DAY_S,
      database: { engine: 'sqlite', ok: true, sizeBytes: 4096 },
      eventLoop: { lagP50Ms: 1, lagP99Ms: 12, utilization: 0.1 },
      monitor: { lastRunAt: ago(60), durationMs: 1_500, servers: 3, stale: 1 },
      tasks: { queued: 0, running: 2 },
      backup: { lastOk: true, ageS: HOUR_S },
      telegram: { configured: true },
      vault: { activeKeyId: 'new', keyIds: ['new', 'old'], outdated: 0 },
    });
    expect(answer.database.latencyMs).toBeGreaterThanOrEqual(0);
    expect(answer.memory.rssBytes).toBeGreaterThan(1_000_000);
  });
});

describe('detailed health is degraded, with a reason,', () => {
  const reasonsOf = async (changes: Partial<Parts>) => {
    const answer = await setUp(changes).check();
    expect(detailedHealth.parse(answer)).toEqual(answer);
    expect(answer.status).toBe(answer.reasons.length === 0 ? 'ok' : 'degraded');
    return answer.reasons;
  };

  test('when the database is gone, with null instead of its numbers', async () => {
    const { check, log } = setUp({
      database: { dialect: 'postgres', ping: gone, sizeBytes: gone },
      servers: { overview: gone },
      monitor: { lastRound: gone },
      tasks: { count: gone },
      vault: { keyIds: ['k'], outdated: gone },
    });
    expect(await check()).toMatchObject({
      status: 'degraded',
      reasons: [
        'The database does not answer.',
        'Buoy could not check the size of the database, the servers, the monitor, the tasks, the vault.',
      ],
      database: { engine: 'postgres', ok: false, latencyMs: null, sizeBytes: null },
      monitor: { lastRunAt: null, durationMs: null, servers: null, stale: null },
      tasks: { queued: null, running: null },
      vault: { activeKeyId: 'k', outdated: null },
    });
    expect(log.text()).toContain('storage_unavailable');
  });

  test('when a monitor round takes as long as its interval', async () => {
    const round = (durationMs: number) => ({
      monitor: { lastRound: async () => ({ endedAt: setUp().ago(60), durationMs }) },
    });
    expect(await reasonsOf(round(299_999))).toEqual([]);
    expect(await reasonsOf(round(412_000))).toEqual([
      'The monitor needs longer for a round than its interval of 300 s: 412 s. Some servers are checked late.',
    ]);
  });

  test.each<[string, Partial<Parts>, string[]]>([
    ['15 minutes ago', { monitor: endedAgo(900) }, []],
    [
      '20 minutes ago',
      { monitor: endedAgo(1_200) },
      ['No round of server checks has ended for 20 minutes. Problems on servers may go unnoticed.'],
    ],
    ['a day ago, before a start of ten minutes ago', { monitor: endedAgo(DAY_S), uptimeS: () => 600 }, []],
    ['never, and Buoy runs for ten minutes', { monitor: endedAgo(null), uptimeS: () => 600 }, []],
    [
      'never, and Buoy runs for an hour',
      { monitor: endedAgo(null), uptimeS: () => HOUR_S },
      ['No round of server checks has ended for 60 minutes. Problems on servers may go unnoticed.'],
    ],
  ])('when the last monitor round ended too long ago: %s', async (_when, changes, reasons) => {
    expect(await reasonsOf(changes)).toEqual(reasons);
  });

  test('within a second when the database accepts the query and never answers', async () => {
    const { check, clock } = setUp({
      database: { dialect: 'postgres', ping: silent, sizeBytes: async () => 1 },
    });
    const answer = check();
    // What does answer, answers first.
    await new Promise((resolve) => setImmediate(resolve));
    clock.pass(1_000);
    expect(await answer).toMatchObject({
      status: 'degraded',
      reasons: ['The database does not answer.'],
      database: { ok: false, latencyMs: null, sizeBytes: 1 },
    });
  });

  test.each([
    [250, []],
    [251, ['The database is slow: it took 251 ms to answer.']],
  ])('when the database takes %i ms: %j', async (ms, reasons) => {
    let now = 0;
    const ping = async () => {
      now += ms;
    };
    expect(
      await reasonsOf({
        database: { dialect: 'sqlite', ping, sizeBytes: async () => 1 },
        stopwatch: () => now,
      }),
    ).toEqual(reasons);
  });

  test.each([
    [200, []],
    [201, ['Buoy itself is busy: 1 % of its timers are at least 201 ms late.']],
  ])('when timers are %i ms late: %j', async (lagP99Ms, reasons) => {
    expect(
      await reasonsOf({ eventLoop: { read: () => ({ lagP50Ms: 0, lagP99Ms, utilization: 1 }) } }),
    ).toEqual(reasons);
  });

  test.each([
    [1, ['1 stored secret is sealed under an old vault key; rotate the vault.']],
    [7, ['7 stored secrets are sealed under an old vault key; rotate the vault.']],
  ])('when %i secrets are under an old key', async (outdated, reasons) => {
    expect(await reasonsOf({ vault: { keyIds: ['new', 'old'], outdated: async () => outdated } })).toEqual(
      reasons,
    );
  });

  test.each([
    [300, []],
    [301, ['A task has been waiting for 5 minutes to begin.']],
    [5_400, ['A task has been waiting for 90 minutes to begin.']],
  ])('when a task has been queued for %i s: %j', async (seconds, reasons) => {
    const { ago } = setUp();
    expect(
      await reasonsOf({
        tasks: { count: async () => ({ queued: 1, running: 32, oldestQueuedAt: ago(seconds) }) },
      }),
    ).toEqual(reasons);
  });

  test('when the state of the backups cannot be read', async () => {
    const unreadable = async () => {
      throw new Error('EACCES');
    };
    expect(await reasonsOf({ backups: unreadable })).toEqual(['Buoy could not check the backups.']);
  });
});

describe('backup health', () => {
  const noServers = {
    overview: async () => ({
      servers: 0,
      stale: 0,
      byState: { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0, not_set_up: 0 },
    }),
  };
  const { ago } = setUp();
  const cases: Array<[string, Partial<Parts>, string[]]> = [
    [
      'that failed is a reason, however young',
      { backups: async () => ({ lastAt: ago(60), lastOk: false }), uptimeS: () => 60 },
      ['The last backup failed; the log of Buoy says why.'],
    ],
    ['of 26 hours ago is none', { backups: async () => ({ lastAt: ago(26 * HOUR_S), lastOk: true }) }, []],
    [
      'of 30 hours ago is one',
      { backups: async () => ({ lastAt: ago(30 * HOUR_S), lastOk: true }) },
      ['The last backup is 30 hours old.'],
    ],
    [
      'of last week is none for a Buoy that was just started: it was off at the time for it',
      { backups: async () => ({ lastAt: ago(7 * DAY_S), lastOk: true }), uptimeS: () => HOUR_S },
      [],
    ],
    [
      'that was never made is a reason after 26 hours',
      { backups: async () => ({ lastAt: null, lastOk: null }) },
      ['No backup has been made yet.'],
    ],
    [
      'that was never made is none on the first day',
      { backups: async () => ({ lastAt: null, lastOk: null }), uptimeS: () => 20 * HOUR_S },
      [],
    ],
    [
      'that was never made is none while there are no servers',
      { backups: async () => ({ lastAt: null, lastOk: null }), servers: noServers },
      [],
    ],
  ];
  test.each(cases)('%s', async (_what, changes, reasons) => {
    expect((await setUp(changes).check()).reasons).toEqual(reasons);
  });
});
