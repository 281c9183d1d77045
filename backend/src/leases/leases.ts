// Decides which Buoy, of several on one database, does what only one may do, such as reading what people write to the bot.
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { LeaseStore } from './leases.store.ts';

/** Milliseconds for which a lease holds: after a Buoy was killed another one waits for so long. */
const LEASE_MS = 30_000;
/** Milliseconds between two attempts to take or renew one. */
const RENEW_MS = 10_000;

export type Leases = {
  /**
   * Runs `work` for as long as this Buoy has the lease, and anew when it has got it again or when `work` has ended by itself.
   * `work` ends soon after its signal aborts. @returns ends it; resolves when `work` has ended
   */
  hold(name: string, work: (signal: AbortSignal) => Promise<void>): { close(): Promise<void> };
};

/** @param parts.isAlone no other Buoy uses the database: whoever has a lease was killed */
export function createLeases(parts: {
  store: LeaseStore;
  isAlone: boolean;
  clock: Clock;
  logger: Logger;
}): Leases {
  const { store, clock, logger } = parts;
  const holder = newId('lse');

  return {
    hold(name, work) {
      const ending = new AbortController();
      let mayBeStale = parts.isAlone;

      const take = async (): Promise<boolean> => {
        const now = clock.now();
        try {
          const times = { now: mayBeStale ? null : isoTime(now), until: isoTime(now + LEASE_MS) };
          const taken = await store.take(name, holder, times);
          mayBeStale = false;
          return taken;
        } catch (error) {
          logger.error({ lease: name, err: error }, 'could not take or renew a lease');
          return false;
        }
      };

      /** Renews it until it is lost. A database that does not answer once is no reason to stop before the lease is over. */
      const keep = async (signal: AbortSignal): Promise<void> => {
        let heldUntil = clock.now() + LEASE_MS;
        while (!signal.aborted) {
          await pause(clock, RENEW_MS, signal);
          if (signal.aborted) return;
          const askedAt = clock.now();
          if (await take()) heldUntil = askedAt + LEASE_MS;
          else if (clock.now() + RENEW_MS >= heldUntil) return;
        }
      };

      const runWork = async (): Promise<void> => {
        const over = new AbortController();
        const signal = AbortSignal.any([ending.signal, over.signal]);
        const running = work(signal).catch((error: unknown) => {
          if (!signal.aborted) logger.error({ lease: name, err: error }, 'what one Buoy does has ended');
        });
        const kept = new AbortController();
        const lost = keep(AbortSignal.any([ending.signal, kept.signal]));
        await Promise.race([running, lost]);
        kept.abort();
        over.abort(new Error('Another Buoy has the lease.'));
        await Promise.all([running, lost]);
      };

      const run = async (): Promise<void> => {
        while (!ending.signal.aborted) {
          if (await take()) await runWork();
          await pause(clock, RENEW_MS, ending.signal);
        }
        await store
          .release(name, holder)
          .catch((error: unknown) => logger.warn({ lease: name, err: error }, 'could not release a lease'));
      };
      const running = run();
      return {
        async close() {
          ending.abort(new Error('Buoy is stopping.'));
          await running;
        },
      };
    },
  };
}
