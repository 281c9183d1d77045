// The only place that turns rows of the history into what the API shows of them.
import { type HistoryPoint, type HistoryStep, type ServerHours, serverState } from '@buoy/contract';
import type { HistoryRow, HourRow } from './history.store.ts';

export function presentPoint(row: HistoryRow, step: HistoryStep): HistoryPoint {
  // A newer version may have written a state that this one does not know.
  const state = serverState.catch('unknown').parse(row.state);
  return {
    at: row.at,
    state,
    upShare: step === 'raw' ? upShareOf(state) : shareOf(row),
    latencyMs: row.latencyMs === null ? null : Math.round(row.latencyMs),
    diskUsedShare: row.diskUsedShare,
    memoryUsedShare: row.memoryUsedShare,
    gatewayRssBytes: row.gatewayRssBytes,
    sessions: row.sessions,
    tokens: row.tokens,
    costUsd: row.costUsd,
  };
}

/** @param times when the hours began @param rows of that server, in any order */
export function presentHours(
  serverId: string,
  times: readonly string[],
  rows: readonly HourRow[],
): ServerHours {
  const rowAt = new Map(rows.map((row) => [row.at, row]));
  const shown = times.map((at) => rowAt.get(at) ?? null);
  const watched = shown.filter((row) => row !== null);
  return {
    serverId,
    upShare: shareOf({
      watchedMs: watched.reduce((sum, { watchedMs }) => sum + watchedMs, 0),
      upMs: watched.reduce((sum, { upMs }) => sum + upMs, 0),
    }),
    hours: shown.map(
      (row) => row && { state: serverState.catch('unknown').parse(row.state), upShare: shareOf(row) },
    ),
  };
}

/** Null: it was not watched. */
export function shareOf({ watchedMs, upMs }: { watchedMs: number; upMs: number }): number | null {
  return watchedMs === 0 ? null : upMs / watchedMs;
}

/** Maintenance counts neither way. */
function upShareOf(state: HistoryPoint['state']): number | null {
  return state === 'maintenance' ? null : Number(state === 'up');
}
