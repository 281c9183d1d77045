// Serializes work on the config of a server, in order of arrival.
import { createSlots, type Slots } from '../../lib/slots.ts';

/** Callers that may wait for one server: each keeps its change, up to a megabyte, in memory. */
const MAX_WAITING = 16;

export type ServerLocks = {
  /**
   * Runs `work` when the earlier ones have ended, with or without an error. Rejects with the reason of `signal` when that aborts before it begins,
   * which forgets `work`, and with `queue_full` when too many wait already.
   */
  run<T>(serverId: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  isTaken(serverId: string): boolean;
};

export function createServerLocks(): ServerLocks {
  const places = new Map<string, Slots>();

  async function take(serverId: string, signal: AbortSignal | undefined): Promise<() => void> {
    const place = places.get(serverId) ?? createSlots({ limit: 1, maxWaiting: MAX_WAITING });
    places.set(serverId, place);
    const forgetUnused = () => {
      if (place.inUse() === 0 && places.get(serverId) === place) places.delete(serverId);
    };
    try {
      const leave = await place.acquire(signal);
      return () => {
        leave();
        forgetUnused();
      };
    } catch (error) {
      forgetUnused();
      throw error;
    }
  }

  return {
    async run(serverId, work, signal) {
      const leave = await take(serverId, signal);
      try {
        signal?.throwIfAborted();
        return await work();
      } finally {
        leave();
      }
    },
    isTaken: (serverId) => places.has(serverId),
  };
}
