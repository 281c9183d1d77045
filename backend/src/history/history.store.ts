// SQL for the history of servers: each check for two days, and the same by the hour and by the day for longer.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { type HistoryStep, serverState } from '@buoy/contract';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { HistoryPointTable } from '../db/schema.ts';
import { isoTime } from '../lib/clock.ts';
import { partsOf, type WideStep } from './intervals.ts';

/** What one check saw. */
export type Sample = Pick<
  HistoryPointTable,
  'diskUsedShare' | 'memoryUsedShare' | 'gatewayRssBytes' | 'sessions' | 'tokens' | 'costUsd'
> & { state: SampleState; latencyMs: number | null };
export type SampleState = 'up' | 'not_set_up' | 'down' | 'unreachable' | 'maintenance';

/** How long points are kept, and how close they may be; milliseconds. */
export type HistoryLimits = {
  /** A state lasts until the next check, but no longer than this. */
  maxGapMs: number;
  /** Of two checks closer than this that saw the same state, the later one stays. */
  minApartMs: number;
  keepMs: Record<HistoryStep, number>;
};

export type HistoryRow = HistoryPointTable;
export type HourRow = Pick<HistoryPointTable, 'serverId' | 'at' | 'state' | 'watchedMs' | 'upMs'>;

/** Servers whose hours are read in one query, a few milliseconds of work: SQLite blocks the event loop. */
const SERVERS_AT_ONCE = 25;

export type HistoryStore = ReturnType<typeof createHistoryStore>;

const wideSteps: readonly WideStep[] = ['hour', 'day'];
/** The later, the worse. */
const badness = ['up', 'maintenance', 'unknown', 'not_set_up', 'down', 'unreachable'] as const;

export function createHistoryStore(db: Db) {
  const pointsOf = (serverId: string, step: HistoryStep, fromAt: string, toAt: string) =>
    db
      .selectFrom('historyPoints')
      .where('serverId', '=', serverId)
      .where('step', '=', step)
      .where('at', '>=', fromAt)
      .where('at', '<=', toAt);

  return {
    /** Stores what a check saw, and counts the time since the one before. Nothing where the server is gone, or a later check is there. */
    async record(serverId: string, sample: Sample, nowMs: number, limits: HistoryLimits): Promise<void> {
      await db.transaction().execute(async (trx) => {
        // Locks the row, so that two checks of the same server are stored one after the other.
        const held = await trx
          .updateTable('servers')
          .set((e) => ({ version: e.ref('version') }))
          .where('id', '=', serverId)
          .executeTakeFirst();
        if (held.numUpdatedRows === 0n) return;
        const [last, earlier] = await trx
          .selectFrom('historyPoints')
          .select(['at', 'state'])
          .where('serverId', '=', serverId)
          .where('step', '=', 'raw')
          .orderBy('at', 'desc')
          .limit(2)
          .execute();
        const at = isoTime(nowMs);
        if (last !== undefined && last.at >= at) return;
        const lastMs = last === undefined ? nowMs : Date.parse(last.at);
        const wasWatched = last !== undefined && nowMs - lastMs <= limits.maxGapMs;
        for (const step of wideSteps) {
          const parts = partsOf(step, wasWatched ? lastMs : nowMs, nowMs);
          for (const { beginsMs, partMs } of parts)
            await add(trx, serverId, step, isoTime(beginsMs), {
              // Maintenance is left out of the availability.
              watchedMs: last?.state === 'maintenance' ? 0 : partMs,
              upMs: last?.state === 'up' ? partMs : 0,
              during: partMs > 0 ? (last?.state ?? null) : null,
              sample: beginsMs === parts.at(-1)?.beginsMs ? sample : null,
            });
          await forget(trx, serverId, step, nowMs - limits.keepMs[step]);
        }
        const isClose =
          earlier !== undefined &&
          last?.state === sample.state &&
          earlier.state === sample.state &&
          nowMs - Date.parse(earlier.at) < limits.minApartMs;
        if (isClose && last !== undefined)
          await trx
            .deleteFrom('historyPoints')
            .where('serverId', '=', serverId)
            .where('step', '=', 'raw')
            .where('at', '=', last.at)
            .execute();
        await trx
          .insertInto('historyPoints')
          .values({
            ...sample,
            ...{ serverId, step: 'raw', at, watchedMs: 0, upMs: 0 },
            latencies: sample.latencyMs === null ? 0 : 1,
          })
          .execute();
        await forget(trx, serverId, 'raw', nowMs - limits.keepMs.raw);
      });
    },

    /** How many points there are, up to `max` and one more. */
    async count(
      serverId: string,
      step: HistoryStep,
      { fromAt, toAt, max }: { fromAt: string; toAt: string; max: number },
    ): Promise<number> {
      const found = pointsOf(serverId, step, fromAt, toAt)
        .select('at')
        .limit(max + 1);
      const { count } = await db
        .selectFrom(found.as('found'))
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    /** Oldest first. */
    async points(
      serverId: string,
      step: HistoryStep,
      { fromAt, toAt, max }: { fromAt: string; toAt: string; max: number },
    ): Promise<HistoryRow[]> {
      return pointsOf(serverId, step, fromAt, toAt).selectAll().orderBy('at').limit(max).execute();
    },

    /** The first `limit` servers behind `after`, by id. */
    async serverIds(limit: number, after: string | null): Promise<string[]> {
      const rows = await db
        .selectFrom('servers')
        .select('id')
        .$if(after !== null, (query) => query.where('id', '>', after!))
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    /** The hours of these servers since then, in no order. */
    async hours(serverIds: readonly string[], fromAt: string): Promise<HourRow[]> {
      const found: HourRow[] = [];
      for (let index = 0; index < serverIds.length; index += SERVERS_AT_ONCE) {
        if (index > 0) await othersTurn();
        const rows = await db
          .selectFrom('historyPoints')
          .select(['serverId', 'at', 'state', 'watchedMs', 'upMs'])
          .where('serverId', 'in', serverIds.slice(index, index + SERVERS_AT_ONCE))
          .where('step', '=', 'hour')
          .where('at', '>=', fromAt)
          .execute();
        found.push(...rows);
      }
      return found;
    },

    /** Of each check since then that saw it, oldest first. */
    async gatewayMemory(
      serverId: string,
      fromAt: string,
      max: number,
    ): Promise<Array<{ at: string; rssBytes: number }>> {
      const rows = await db
        .selectFrom('historyPoints')
        .select(['at', 'gatewayRssBytes as rssBytes'])
        .where('serverId', '=', serverId)
        .where('step', '=', 'raw')
        .where('at', '>=', fromAt)
        .where('gatewayRssBytes', 'is not', null)
        .orderBy('at')
        .limit(max)
        .execute();
      return rows.map(({ at, rssBytes }) => ({ at, rssBytes: rssBytes ?? 0 }));
    },

    /** Milliseconds watched, and up, in the hours since each of these times. */
    async watched(
      serverId: string,
      since: Record<'h24' | 'd7' | 'd90', string>,
    ): Promise<Record<'h24' | 'd7' | 'd90', { watchedMs: number; upMs: number }>> {
      const sum = (column: 'watchedMs' | 'upMs', at: string) =>
        sql<number>`coalesce(sum(case when at >= ${at} then ${sql.ref(column)} else 0 end), 0)`;
      const row = await db
        .selectFrom('historyPoints')
        .select([
          sum('watchedMs', since.h24).as('watched24'),
          sum('upMs', since.h24).as('up24'),
          sum('watchedMs', since.d7).as('watched7'),
          sum('upMs', since.d7).as('up7'),
          sum('watchedMs', since.d90).as('watched90'),
          sum('upMs', since.d90).as('up90'),
        ])
        .where('serverId', '=', serverId)
        .where('step', '=', 'hour')
        .where('at', '>=', since.d90)
        .executeTakeFirstOrThrow();
      return {
        h24: { watchedMs: Number(row.watched24), upMs: Number(row.up24) },
        d7: { watchedMs: Number(row.watched7), upMs: Number(row.up7) },
        d90: { watchedMs: Number(row.watched90), upMs: Number(row.up90) },
      };
    },
  };
}

/** Adds to an hour or a day: how long it was watched, in which state, and what a check in it saw. */
async function add(
  trx: Db,
  serverId: string,
  step: WideStep,
  at: string,
  {
    watchedMs,
    upMs,
    during,
    sample,
  }: { watchedMs: number; upMs: number; during: string | null; sample: Sample | null },
): Promise<void> {
  const before = await trx
    .selectFrom('historyPoints')
    .selectAll()
    .where('serverId', '=', serverId)
    .where('step', '=', step)
    .where('at', '=', at)
    .executeTakeFirst();
  const latency = sample?.latencyMs ?? null;
  const latencies = (before?.latencies ?? 0) + (latency === null ? 0 : 1);
  const row: HistoryPointTable = {
    ...{ serverId, step, at, latencies },
    state: worst([before?.state, during, sample?.state]),
    watchedMs: (before?.watchedMs ?? 0) + watchedMs,
    upMs: (before?.upMs ?? 0) + upMs,
    latencyMs:
      latency === null
        ? (before?.latencyMs ?? null)
        : ((before?.latencyMs ?? 0) * (before?.latencies ?? 0) + latency) / latencies,
    diskUsedShare: sample?.diskUsedShare ?? before?.diskUsedShare ?? null,
    memoryUsedShare: sample?.memoryUsedShare ?? before?.memoryUsedShare ?? null,
    gatewayRssBytes: sample?.gatewayRssBytes ?? before?.gatewayRssBytes ?? null,
    sessions: sample?.sessions ?? before?.sessions ?? null,
    tokens: sample?.tokens ?? before?.tokens ?? null,
    costUsd: sample?.costUsd ?? before?.costUsd ?? null,
  };
  if (before === undefined) await trx.insertInto('historyPoints').values(row).execute();
  else
    await trx
      .updateTable('historyPoints')
      .set(row)
      .where('serverId', '=', serverId)
      .where('step', '=', step)
      .where('at', '=', at)
      .execute();
}

async function forget(trx: Db, serverId: string, step: HistoryStep, beforeMs: number): Promise<void> {
  await trx
    .deleteFrom('historyPoints')
    .where('serverId', '=', serverId)
    .where('step', '=', step)
    .where('at', '<', isoTime(beforeMs))
    .execute();
}

function worst(states: ReadonlyArray<string | null | undefined>): string {
  const rank = (state: string) => badness.indexOf(serverState.catch('unknown').parse(state));
  return states
    .filter((state) => state != null)
    .reduce((one, other) => (rank(other) > rank(one) ? other : one), 'up');
}
