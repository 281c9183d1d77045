// The last observation of each server: every module that probes one reports here.
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Observation, Observe } from '../openclaw/status/observation.ts';
import type { ServerStore } from './servers.store.ts';

/** Milliseconds: an unchanged observation is written down at most this often. */
const REWRITE_AFTER_MS = 10_000;

/** A server deleted in the meantime is ignored. */
export function createObservations({
  store,
  barred,
  clock,
}: {
  store: ServerStore;
  /** Why Buoy must not connect to a server now, whatever an earlier probe has seen; null: it may. */
  barred: (serverId: string) => Promise<string | null>;
  clock: Clock;
}): {
  observe: Observe;
  /** Calls `listener` each time that a server is seen in another state than before; not the first time. */
  onStateChange(listener: (serverId: string) => void): void;
} {
  const listeners: Array<(serverId: string) => void> = [];
  return {
    onStateChange: (listener) => void listeners.push(listener),

    async observe(serverId, seen) {
      const last = await store.findStatus(serverId);
      if (last === undefined) return;
      const bar = await barred(serverId);
      const { state, reasons, openclaw }: Observation =
        bar === null ? seen : { state: 'unreachable', reasons: [bar], openclaw: null };
      const now = clock.now();
      const next = {
        state,
        since: last.state === state ? last.since : isoTime(now),
        checkedAt: isoTime(now),
        reasons: JSON.stringify(reasons),
        openclawInstalled: openclaw === null ? last.openclawInstalled : Number(openclaw.installed),
        openclawVersion: openclaw === null ? last.openclawVersion : openclaw.version,
      };
      const unchanged =
        last.state === next.state &&
        last.reasons === next.reasons &&
        last.openclawInstalled === next.openclawInstalled &&
        last.openclawVersion === next.openclawVersion;
      const fresh = last.checkedAt !== null && now - Date.parse(last.checkedAt) < REWRITE_AFTER_MS;
      if (!(unchanged && fresh)) await store.updateStatus(serverId, next);
      if (last.state !== state && last.state !== 'unknown')
        for (const listener of listeners) listener(serverId);
    },
  };
}
