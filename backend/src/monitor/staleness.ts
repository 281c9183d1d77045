// When what is known of servers, and the monitor itself, are too old to be believed. All who ask either ask here.

/** How many check intervals an observation stays true: one may be missed, the second is a gap. */
const STALE_AFTER_INTERVALS = 3;
/** Milliseconds without a finished round that say nothing yet, however short the interval is: a round may wait for slow servers. */
const MIN_STALE_MS = 900_000;

/** Milliseconds after which the last check of a server is outdated. */
export function checkStaleAfterMs(intervalMs: number): number {
  return intervalMs * STALE_AFTER_INTERVALS;
}

/**
 * Whether the monitor is stale: no round has ended for too long, neither before nor since this Buoy runs.
 * @param endedAt when the last round ended, ISO 8601; null: none has
 * @param times.runningSinceMs since when this Buoy could have seen one end, milliseconds since the epoch
 * @param times.intervalMs between the beginnings of two rounds
 */
export function isMonitorStale(
  endedAt: string | null,
  times: { nowMs: number; runningSinceMs: number; intervalMs: number },
): boolean {
  const { nowMs, runningSinceMs, intervalMs } = times;
  const quietSinceMs = Math.max(runningSinceMs, endedAt === null ? 0 : Date.parse(endedAt));
  return nowMs - quietSinceMs > Math.max(MIN_STALE_MS, checkStaleAfterMs(intervalMs));
}
