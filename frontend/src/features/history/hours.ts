// The last 24 hours of a server, one by one, from what its history has of them.
import type { HistoryPoint, ServerState } from '@buoy/contract';

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** `state` and `upShare` null: nobody checked the server in that hour. */
export type Hour = { at: string; state: ServerState | null; upShare: number | null };

/** How an hour is drawn. */
export type HourKind = 'up' | 'down' | 'unreachable' | 'maintenance' | 'notChecked';

/** Oldest first; the last one is the hour that has begun. @param nowMs milliseconds since the epoch */
export function hoursOf(points: readonly HistoryPoint[], nowMs: number): Hour[] {
  const pointAt = new Map(points.map((point) => [Date.parse(point.at), point]));
  const current = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, index) => {
    const beganMs = current - (HOURS - 1 - index) * HOUR_MS;
    const { state = null, upShare = null } = pointAt.get(beganMs) ?? {};
    return { at: new Date(beganMs).toISOString(), state, upShare };
  });
}

/** The worst of what is known of an hour: it is `up` only as a whole. */
export function kindOf({ state, upShare }: Pick<Hour, 'state' | 'upShare'>): HourKind {
  if (upShare === null) return state === 'maintenance' ? 'maintenance' : 'notChecked';
  if (upShare === 1) return 'up';
  return state === 'unreachable' ? 'unreachable' : 'down';
}
