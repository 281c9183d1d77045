// The only place that turns a row of the history into a point of the API.
import { type HistoryPoint, type HistoryStep, serverState } from '@buoy/contract';
import type { HistoryRow } from './history.store.ts';

export function presentPoint(row: HistoryRow, step: HistoryStep): HistoryPoint {
  // A newer version may have written a state that this one does not know.
  const state = serverState.catch('unknown').parse(row.state);
  return {
    at: row.at,
    state,
    upShare: step === 'raw' ? upShareOf(state) : row.watchedMs === 0 ? null : row.upMs / row.watchedMs,
    latencyMs: row.latencyMs === null ? null : Math.round(row.latencyMs),
    diskUsedShare: row.diskUsedShare,
    memoryUsedShare: row.memoryUsedShare,
    gatewayRssBytes: row.gatewayRssBytes,
    sessions: row.sessions,
    tokens: row.tokens,
    costUsd: row.costUsd,
  };
}

/** Maintenance counts neither way. */
function upShareOf(state: HistoryPoint['state']): number | null {
  return state === 'maintenance' ? null : Number(state === 'up');
}
