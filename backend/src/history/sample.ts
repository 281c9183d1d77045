// What a probe says of a server for its history.
import type { OpenclawStatus } from '@buoy/contract';
import type { ProbeResult } from '../alerts/conditions.ts';
import { observationOf } from '../openclaw/status/observation.ts';
import type { Sample } from './history.store.ts';

/** @returns null for a probe that says nothing of the server */
export function sampleOf(result: ProbeResult, latencyMs: number): Omit<Sample, 'tokens' | 'costUsd'> | null {
  if (result.kind === 'failed') return null;
  if (result.kind === 'unreachable')
    return {
      ...{ state: 'unreachable', latencyMs: null, diskUsedShare: null, memoryUsedShare: null },
      ...{ gatewayRssBytes: null, sessions: null },
    };
  const { status } = result;
  return {
    state: observationOf(status).state,
    latencyMs: Math.max(0, Math.round(latencyMs)),
    diskUsedShare: usedShare(status.disk),
    memoryUsedShare: usedShare(status.memory),
    gatewayRssBytes: status.gateway.rssBytes,
    sessions: status.sessions,
  };
}

/** A server says both figures itself: the share stays one. */
function usedShare(space: OpenclawStatus['disk']): number | null {
  if (space === null || space.totalBytes === 0) return null;
  return Math.min(1, Math.max(0, 1 - space.availableBytes / space.totalBytes));
}
