// Passes each status on to the snapshot and the list of servers, without writing unchanged ones each time.
import type { OpenclawStatus } from '@buoy/contract';
import { openclawStatus } from '@buoy/contract';
import { type Clock, isoTime } from '../../lib/clock.ts';
import { sha256 } from '../../lib/ids.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';
import { createWriteThrottle } from '../reads/write-throttle.ts';
import type { Observation, Observe } from './observation.ts';

export type Recorder = {
  /** Stores it when something that matters changed, or every 30 s. Never throws. */
  snapshot(serverId: string, status: OpenclawStatus): Promise<void>;
  lastSnapshot(serverId: string): Promise<{ status: OpenclawStatus; observedAt: string } | null>;
  /** Tells the servers feature when it changed, or every 10 s. Never throws. */
  observation(serverId: string, observation: Observation): Promise<void>;
  forget(serverId: string): void;
};

const KIND = 'status';
/** Milliseconds between two writes of a status in which only figures changed. */
const SNAPSHOT_INTERVAL_MS = 30_000;
/** Milliseconds between two reports of the same observation. */
const OBSERVE_INTERVAL_MS = 10_000;

export function createRecorder({
  snapshots,
  observe,
  clock,
  logger,
}: {
  snapshots: SnapshotStore;
  observe: Observe;
  clock: Clock;
  logger: Logger;
}): Recorder {
  const written = createWriteThrottle(clock, SNAPSHOT_INTERVAL_MS);
  const observed = createWriteThrottle(clock, OBSERVE_INTERVAL_MS);

  return {
    async snapshot(serverId, status) {
      if (!written.isDue(serverId, material(status))) return;
      try {
        await snapshots.put(serverId, KIND, status, isoTime(clock.now()));
      } catch (error) {
        written.forget(serverId);
        logger.warn({ serverId, err: error }, 'could not store the last known status');
      }
    },

    async lastSnapshot(serverId) {
      const found = await snapshots.find(serverId, KIND);
      const parsed = openclawStatus.safeParse(found?.payload);
      return found === null || !parsed.success ? null : { status: parsed.data, observedAt: found.observedAt };
    },

    async observation(serverId, observation) {
      if (!observed.isDue(serverId, JSON.stringify(observation))) return;
      try {
        await observe(serverId, observation);
      } catch (error) {
        observed.forget(serverId);
        logger.warn({ serverId, err: error }, 'could not report an observation');
      }
    },

    forget(serverId) {
      written.forget(serverId);
      observed.forget(serverId);
    },
  };
}

/** What a person would call a change; the rest are figures that move all the time. */
function material({ version, gateway, service, channels, agents, sessions, update }: OpenclawStatus): string {
  const { state, ready, pid } = gateway;
  return sha256(
    JSON.stringify([version, state, ready, pid, service, channels, agents, sessions === null, update]),
  );
}
