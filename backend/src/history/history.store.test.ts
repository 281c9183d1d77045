// The past of a server on both databases: what is kept of its checks, for how long, and how much of the time it was up.
import type { OpenclawStatus } from '@buoy/contract';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProbeResult } from '../alerts/conditions.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { createHistoryStore } from './history.store.ts';
import { createHistory, type History } from './history.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const INTERVAL_MS = 5 * MINUTE_MS;
const GIB = 1024 ** 3;

const unreachable: ProbeResult = { kind: 'unreachable', message: 'No answer.', hint: null };
const seen = (state: 'running' | 'stopped', usedShare = 0.25): ProbeResult => ({
  ...{
    kind: 'seen',
    failure: null,
    channelsSeen: true,
    cronJobs: null,
    ...{ sessions: null, modelErrors: null, ownUpdateFailure: undefined, vitals: null, signIns: null },
    configRevertedAt: null,
  },
  status: {
    ...{ installed: true, version: '2026.9.6', channels: [], agents: 1, sessions: 3 },
    gateway: { state, ready: state === 'running', rssBytes: 5 * GIB },
    service: { result: null, activeState: null, startLimitHit: false },
    disk: { totalBytes: 8 * GIB, availableBytes: 8 * GIB * (1 - usedShare) },
    memory: null,
  } as unknown as OpenclawStatus,
});
const up = seen('running');
const down = seen('stopped');

describe.each(testDatabases())('history on $name', ({ open }) => {
  let database: DatabaseHandle;
  let clock: FakeClock;
  let history: History;
  let serverId: string;
  let inMaintenance: boolean;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    clock = createFakeClock(Date.parse('2026-03-01T10:00:00.000Z'));
    history = createHistory({
      store: createHistoryStore(database.db),
      dailyUsage: {
        read: () => ({ tokens: 6_000_000_000, costUsd: 1.25 }),
        last: () => ({ tokens: null, costUsd: null }),
      },
      isInMaintenance: async () => inMaintenance,
      intervalMs: INTERVAL_MS,
      clock,
    });
    inMaintenance = false;
    serverId = newId('srv');
    await createServerStore(database.db).insert(serverRow(serverId, { name: serverId }));
  });

  /** Checks, one interval apart; the clock stands at the last one. */
  const checks = async (results: readonly ProbeResult[], apartMs = INTERVAL_MS) => {
    for (const [index, result] of results.entries()) {
      if (index > 0) clock.pass(apartMs);
      await history.record(serverId, result, 40 + index);
    }
  };
  const read = (asked: Parameters<History['read']>[1] = {}) => history.read(serverId, asked);
  const rows = async (step: string) =>
    database.db
      .selectFrom('historyPoints')
      .selectAll()
      .where('serverId', '=', serverId)
      .where('step', '=', step)
      .execute();

  test('a server that was never checked has no points and no availability', async () => {
    expect(await read()).toEqual({
      ...{ step: 'raw', points: [] },
      availability: { h24: null, d7: null, d90: null },
    });
  });

  test('each check is a point with what it saw', async () => {
    await checks([up, unreachable]);
    expect((await read()).points).toEqual([
      {
        ...{ at: '2026-03-01T10:00:00.000Z', state: 'up', upShare: 1, latencyMs: 40 },
        ...{ diskUsedShare: 0.25, memoryUsedShare: null, gatewayRssBytes: 5 * GIB, sessions: 3 },
        ...{ tokens: 6_000_000_000, costUsd: 1.25 },
      },
      {
        ...{ at: '2026-03-01T10:05:00.000Z', state: 'unreachable', upShare: 0, latencyMs: null },
        ...{ diskUsedShare: null, memoryUsedShare: null, gatewayRssBytes: null, sessions: null },
        ...{ tokens: null, costUsd: null },
      },
    ]);
  });

  test('a gateway that tells figures as large as they can be is kept like any other', async () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const told = seen('running') as Extract<ProbeResult, { kind: 'seen' }>;
    const status = { ...told.status, sessions: largest };
    status.gateway = { ...status.gateway, rssBytes: largest };
    await checks([{ ...told, status }]);
    expect((await read()).points).toMatchObject([{ sessions: largest, gatewayRssBytes: largest }]);
  });

  test('a check that failed says nothing of the server', async () => {
    await checks([{ kind: 'failed', message: 'it did not finish' }]);
    expect((await read()).points).toEqual([]);
  });

  test('an hour and a day have the worst state, the mean latency, and the last of the other figures', async () => {
    await checks([seen('running', 0.5), down, up]);
    for (const step of ['hour', 'day'] as const) {
      const { points, step: told } = await read({ step });
      expect(told).toBe(step);
      expect(points).toMatchObject([{ state: 'down', upShare: 0.5, latencyMs: 41, diskUsedShare: 0.25 }]);
    }
  });

  test('the availability is the share of the time watched: a state lasts until the next check', async () => {
    await checks([up, up, down, up, up]);
    const { h24, d7, d90 } = (await read()).availability;
    expect([h24, d7, d90]).toEqual([0.75, 0.75, 0.75]);
  });

  test('maintenance is left out of the availability, whatever is seen in it', async () => {
    await checks([up, up]);
    inMaintenance = true;
    clock.pass(INTERVAL_MS);
    await checks([down, unreachable, down]);
    inMaintenance = false;
    clock.pass(INTERVAL_MS);
    await checks([down, up]);
    const { availability, points } = await read();
    // Two intervals up, one down, and three in maintenance.
    expect(availability.h24).toBeCloseTo(2 / 3);
    expect(points.map(({ state, upShare }) => [state, upShare])).toEqual([
      ...[
        ['up', 1],
        ['up', 1],
        ['maintenance', null],
        ['maintenance', null],
        ['maintenance', null],
      ],
      ...[
        ['down', 0],
        ['up', 1],
      ],
    ]);
  });

  test('time without checks counts as not watched', async () => {
    await checks([up, up]);
    clock.pass(6 * HOUR_MS);
    await checks([down]);
    clock.pass(INTERVAL_MS);
    await checks([up]);
    expect((await read()).availability.h24).toBe(0.5);
    expect((await read({ step: 'hour' })).points.map(({ upShare }) => upShare)).toEqual([1, 0]);
  });

  test('an outage of two days ago is in the last week, but not in the last day', async () => {
    await checks([down, down]);
    clock.pass(2 * DAY_MS);
    await checks([up, up]);
    const { h24, d7 } = (await read()).availability;
    expect([h24, d7]).toEqual([1, 0.5]);
  });

  test('time over midnight belongs to both days', async () => {
    clock.pass(13 * HOUR_MS + 58 * MINUTE_MS);
    await checks([down, up]);
    expect((await read({ step: 'day' })).points).toMatchObject([
      { at: '2026-03-01T00:00:00.000Z', state: 'down', upShare: 0 },
      { at: '2026-03-02T00:00:00.000Z', state: 'down', upShare: 0 },
    ]);
  });

  test('checks are kept for two days, hours for 90 and days for two years', async () => {
    await checks([up]);
    clock.pass(2 * DAY_MS + 1);
    await checks([up]);
    expect([(await rows('raw')).length, (await rows('hour')).length]).toEqual([1, 2]);
    clock.pass(90 * DAY_MS);
    await checks([up]);
    expect([(await rows('hour')).length, (await rows('day')).length]).toEqual([1, 3]);
    clock.pass(730 * DAY_MS);
    await checks([up]);
    expect(await rows('day')).toHaveLength(1);
  });

  test('a history from before what is kept of the checks comes by the hour, and from before that by the day', async () => {
    await checks([up]);
    clock.pass(3 * DAY_MS);
    await checks([up]);
    const since = (days: number) => new Date(clock.now() - days * DAY_MS).toISOString();
    expect(await read({ from: since(4) })).toMatchObject({ step: 'hour', points: [{}, {}] });
    expect(await read({ from: since(100) })).toMatchObject({ step: 'day', points: [{}, {}] });
    expect(await read({ from: since(4), to: since(2) })).toMatchObject({ step: 'hour', points: [{}] });
    expect(await read({ from: since(1), step: 'day' })).toMatchObject({ step: 'day' });
  });

  test('a history that ends before it begins is refused', async () => {
    const at = '2026-03-01T10:00:00.000Z';
    await expect(read({ from: at, to: at })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('checks every five seconds take no more of the disk than those every two minutes, and count all the same', async () => {
    await checks(
      Array.from({ length: 61 }, (_, index) => (index === 30 ? down : up)),
      5_000,
    );
    const { points, availability } = await read();
    expect(points.map(({ state }) => state)).toContain('down');
    expect(points.length).toBeLessThan(10);
    expect(availability.h24).toBeCloseTo(59 / 60);
  });

  test('the last 24 hours of a server, with the hours in which nobody checked it', async () => {
    await checks([up, down, down, up]);
    clock.pass(4 * HOUR_MS);
    await checks([up, up]);
    const { beganAt, servers, nextCursor } = await history.hours({ serverIds: [serverId], limit: 10 });
    expect({ beganAt, nextCursor }).toEqual({ beganAt: '2026-02-28T15:00:00.000Z', nextCursor: null });
    const [shown] = servers;
    expect(shown).toMatchObject({ serverId, upShare: 0.5 });
    expect(shown?.hours).toHaveLength(24);
    expect(shown?.hours.at(-5)).toEqual({ state: 'down', upShare: 1 / 3 });
    expect(shown?.hours.slice(-4, -1)).toEqual([null, null, null]);
    expect(shown?.hours.at(-1)).toEqual({ state: 'up', upShare: 1 });
  });

  test('the hours of many servers come page by page, each server once', async () => {
    const more = Array.from({ length: 4 }, () => newId('srv'));
    for (const id of more) await createServerStore(database.db).insert(serverRow(id, { name: id }));
    await checks([up]);
    const wanted = [serverId, ...more];
    for (const serverIds of [wanted, null]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await history.hours({ serverIds, limit: 2, cursor });
        expect(page.servers.length).toBeLessThanOrEqual(2);
        seen.push(...page.servers.map((one) => one.serverId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen.length).toBe(new Set(seen).size);
      expect(seen).toEqual(expect.arrayContaining(wanted));
      if (serverIds !== null) expect(seen).toHaveLength(wanted.length);
    }
  });

  test('two checks at once are both counted, and an older one changes nothing', async () => {
    await checks([up]);
    clock.pass(INTERVAL_MS);
    await Promise.all([history.record(serverId, up, 1), history.record(serverId, down, 1)]);
    expect(await rows('raw')).toHaveLength(2);
    expect((await read()).availability.h24).toBe(1);
  });

  test('goes with its server, and a check that ends after that is not kept', async () => {
    await checks([up]);
    await database.db.deleteFrom('servers').where('id', '=', serverId).execute();
    await checks([up]);
    expect(await rows('raw')).toEqual([]);
  });

  test('a server takes less than a megabyte of the disk for a year, with checks every two minutes', async () => {
    if (database.dialect !== 'sqlite') return;
    const bytes = async () => {
      const { rows } = await sql<{ bytes: number }>`
        select page_count * page_size as "bytes" from pragma_page_count(), pragma_page_size()
      `.execute(database.db);
      return rows[0]?.bytes ?? Number.NaN;
    };
    await checks([seen('running', 0.123_456_789)]);
    const [row] = await rows('raw');
    const before = await bytes();
    for (const [step, apartMs, count] of [
      ['raw', 2 * MINUTE_MS, 2 * 720],
      ['hour', HOUR_MS, 90 * 24],
      ['day', DAY_MS, 365],
    ] as const)
      for (let index = 0; index < count; index += 1)
        await database.db
          .insertInto('historyPoints')
          .values({ ...row!, step, at: new Date(clock.now() - (index + 1) * apartMs).toISOString() })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    expect((await bytes()) - before).toBeLessThan(1_000_000);
  });
});
