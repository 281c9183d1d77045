// The past of servers: what their checks saw, and for which share of the time they were up.
import {
  type Contract,
  type HistoryStep,
  id as idSchema,
  type ParsedRequestOf,
  type ResponseOf,
} from '@buoy/contract';
import { historySteps } from '@buoy/contract/constants';
import { z } from 'zod';
import type { MemorySample, ProbeResult } from '../alerts/conditions.ts';
import { cursorOf, pageOf, positionIn } from '../db/page-cursor.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { DailyUsage } from './daily-usage.ts';
import { presentHours, presentPoint, shareOf } from './history.presenter.ts';
import type { HistoryLimits, HistoryStore } from './history.store.ts';
import { beginningOf } from './intervals.ts';
import { sampleOf } from './sample.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Points in one answer. */
const MAX_POINTS = 3_000;
/** In the list of the last hours of all servers. */
const HOURS = 24;
/** The sort position of a server in that list. */
const position = z.tuple([idSchema]);
const KEEP_MS: Record<HistoryStep, number> = { raw: 2 * DAY_MS, hour: 90 * DAY_MS, day: 730 * DAY_MS };
/** Milliseconds: with closer checks, two days would be more than a server may take of the disk. */
const MIN_APART_MS = 115_000;
/** Checks that may be missing before the time counts as not watched; the state of a server is unknown then, too. */
const MISSING_CHECKS = 3;

type Asked = ParsedRequestOf<Contract['GET /servers/:id/history']>['query'];
type Hours = ResponseOf<Contract['GET /history/hours']>;
type Answer = ResponseOf<Contract['GET /servers/:id/history']>;

export type History = {
  /** Stores what a probe saw, and how long it took. A failed one says nothing of the server. */
  record(serverId: string, result: ProbeResult, latencyMs: number): Promise<void>;
  /** The memory of the gateway at the checks of the last day, oldest first. */
  gatewayMemory(serverId: string): Promise<MemorySample[]>;
  /** @throws AppError `invalid_request` where it would end before it begins */
  read(serverId: string, asked: Asked): Promise<Answer>;
  /**
   * The last 24 hours of many servers.
   * @param page.serverIds null: all
   * @throws AppError `invalid_request` for a cursor that is not of this list
   */
  hours(page: {
    serverIds: readonly string[] | null;
    limit: number;
    cursor?: string | undefined;
  }): Promise<Hours>;
};

/** @param parts.intervalMs between two checks of a server */
export function createHistory({
  store,
  dailyUsage,
  isInMaintenance,
  intervalMs,
  clock,
}: {
  store: HistoryStore;
  dailyUsage: DailyUsage;
  isInMaintenance: (serverId: string) => Promise<boolean>;
  intervalMs: number;
  clock: Clock;
}): History {
  const limits: HistoryLimits = {
    maxGapMs: MISSING_CHECKS * intervalMs,
    minApartMs: MIN_APART_MS,
    keepMs: KEEP_MS,
  };

  /** The finest step that is asked for, still there, and not too long. */
  const stepFor = async (
    serverId: string,
    step: HistoryStep,
    fromMs: number,
    toAt: string,
  ): Promise<HistoryStep> => {
    const fromAt = isoTime(fromMs);
    for (const one of historySteps.slice(historySteps.indexOf(step), -1)) {
      if (fromMs < clock.now() - KEEP_MS[one] - HOUR_MS) continue;
      if ((await store.count(serverId, one, { fromAt, toAt, max: MAX_POINTS })) <= MAX_POINTS) return one;
    }
    return 'day';
  };

  const availability = async (serverId: string): Promise<Answer['availability']> => {
    const since = (ms: number) => isoTime(beginningOf('hour', clock.now() - ms));
    const watched = await store.watched(serverId, {
      h24: since(DAY_MS),
      d7: since(7 * DAY_MS),
      d90: since(90 * DAY_MS),
    });
    return { h24: shareOf(watched.h24), d7: shareOf(watched.d7), d90: shareOf(watched.d90) };
  };

  return {
    async record(serverId, result, latencyMs) {
      const sample = sampleOf(result, latencyMs);
      if (sample === null) return;
      const usage = sample.state === 'up' ? dailyUsage.read(serverId) : dailyUsage.last(serverId);
      const state = (await isInMaintenance(serverId)) ? 'maintenance' : sample.state;
      await store.record(serverId, { ...sample, ...usage, state }, clock.now(), limits);
    },

    async gatewayMemory(serverId) {
      const rows = await store.gatewayMemory(serverId, isoTime(clock.now() - DAY_MS), MAX_POINTS);
      return rows.map(({ at, rssBytes }) => ({ atMs: Date.parse(at), rssBytes }));
    },

    async read(serverId, { from, to, step: wanted = 'raw' }) {
      const toMs = to === undefined ? clock.now() : Date.parse(to);
      const fromMs = from === undefined ? toMs - DAY_MS : Date.parse(from);
      if (fromMs >= toMs)
        throw new AppError('invalid_request', 'A history must begin before it ends.', {
          details: [{ path: 'from', message: 'must be before `to`' }],
        });
      const toAt = isoTime(toMs);
      const step = await stepFor(serverId, wanted, fromMs, toAt);
      // An hour or a day counts that has begun before.
      const fromAt = isoTime(step === 'raw' ? fromMs : beginningOf(step, fromMs));
      const [rows, shares] = await Promise.all([
        store.points(serverId, step, { fromAt, toAt, max: MAX_POINTS }),
        availability(serverId),
      ]);
      return { step, points: rows.map((row) => presentPoint(row, step)), availability: shares };
    },

    async hours({ serverIds, limit, cursor }) {
      const [after] = cursor === undefined ? [null] : positionIn(cursor, position);
      const found =
        serverIds === null
          ? await store.serverIds(limit + 1, after)
          : serverIds
              .filter((id) => after === null || id > after)
              .sort()
              .slice(0, limit + 1);
      const { page, nextCursor } = pageOf(found, limit, (last) => cursorOf([last]));
      const firstMs = beginningOf('hour', clock.now()) - (HOURS - 1) * HOUR_MS;
      const times = Array.from({ length: HOURS }, (_, index) => isoTime(firstMs + index * HOUR_MS));
      const rows = Map.groupBy(await store.hours(page, isoTime(firstMs)), ({ serverId }) => serverId);
      return {
        beganAt: isoTime(firstMs),
        servers: page.map((id) => presentHours(id, times, rows.get(id) ?? [])),
        nextCursor,
      };
    },
  };
}
