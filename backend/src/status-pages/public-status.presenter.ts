// What visitors of a status page see: the one place that decides what leaves Buoy without a sign-in.
import type { HistoryPoint, PublicStatus } from '@buoy/contract';
import { numberedName, type PublicState } from '@buoy/contract/constants';
import { isoTime } from '../lib/clock.ts';
import type { ServerOnPage, VisitedPage, WindowOnPage } from './visits.store.ts';

type ShownServer = PublicStatus['servers'][number];
type ShownState = ShownServer['state'];
/** The past of a server as visitors see it. */
export type Past = Pick<ShownServer, 'availability' | 'strip'>;

const DAY_MS = 86_400_000;
/** Days in a strip. */
export const STRIP_DAYS = 90;

export const noPast: Past = { availability: { h24: null, d7: null, d90: null }, strip: [] };

/** Why a server is not up is nobody's business outside. */
const states: ReadonlyMap<string, ShownState> = new Map([
  ['up', 'up'],
  ['down', 'down'],
  ['unreachable', 'down'],
  ['maintenance', 'maintenance'],
]);

export function presentPublicStatus(
  page: Pick<VisitedPage, 'title' | 'numbered'>,
  servers: ReadonlyArray<{ server: ServerOnPage; past: Past }>,
  windows: readonly WindowOnPage[],
  times: { nowMs: number; staleAfterMs: number },
): PublicStatus {
  const now = isoTime(times.nowMs);
  const nameOf = new Map(
    servers.map(({ server }, index) => [
      server.id,
      page.numbered === 1 ? numberedName(index + 1) : server.name,
    ]),
  );
  const shown = servers.map(({ server, past }): ShownServer => {
    const active = windows.find(({ serverId, startsAt }) => serverId === server.id && startsAt <= now);
    return { name: nameOf.get(server.id) ?? '', ...presentState(server, active, times), ...past };
  });
  return {
    title: page.title,
    state: overallState(shown.map(({ state }) => state)),
    servers: shown,
    maintenance: windows.map(({ serverId, startsAt, endsAt }) => ({
      ...{ name: nameOf.get(serverId) ?? '', startsAt, until: endsAt, active: startsAt <= now },
    })),
    updatedAt: now,
  };
}

function presentState(
  { state, since, checkedAt }: ServerOnPage,
  maintenance: WindowOnPage | undefined,
  { nowMs, staleAfterMs }: { nowMs: number; staleAfterMs: number },
): Pick<ShownServer, 'state' | 'since'> {
  if (maintenance !== undefined) return { state: 'maintenance', since: maintenance.startsAt };
  if (checkedAt === null) return { state: 'unknown', since };
  const staleAtMs = Date.parse(checkedAt) + staleAfterMs;
  if (nowMs > staleAtMs) return { state: 'unknown', since: isoTime(staleAtMs) };
  return { state: states.get(state) ?? 'unknown', since };
}

/** Of what is known; the page tells of each server that is not. */
export function overallState(all: readonly ShownState[]): PublicState {
  const known = all.filter((state) => state !== 'unknown');
  if (known.length === 0) return 'unknown';
  if (known.every((state) => state === 'down')) return 'down';
  if (known.includes('down')) return 'degraded';
  return known.includes('maintenance') ? 'maintenance' : 'up';
}

/** @param days the history by the day @param nowMs milliseconds since the epoch */
export function presentPast(
  days: ReadonlyArray<Pick<HistoryPoint, 'at' | 'upShare'>>,
  { h24, d7, d90 }: Past['availability'],
  nowMs: number,
): Past {
  const shares = new Map(days.map(({ at, upShare }) => [at.slice(0, 10), upShare]));
  const dayOf = (daysAgo: number) => isoTime(nowMs - daysAgo * DAY_MS).slice(0, 10);
  return {
    availability: { h24: roundedDown(h24), d7: roundedDown(d7), d90: roundedDown(d90) },
    strip: Array.from({ length: STRIP_DAYS }, (_, index) =>
      roundedDown(shares.get(dayOf(STRIP_DAYS - 1 - index)) ?? null),
    ),
  };
}

/** 1 means all of it. */
function roundedDown(share: number | null): number | null {
  return share === null ? null : Math.floor(share * 10_000) / 10_000;
}
