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
/** Milliseconds by which clocks of Buoys may differ: one that was further ahead has left a lease that would block the others for as long. */
const MAX_SKEW_MS = 10 * 60_000;

/** `unknown`: the database did not answer. */
type Taken = 'held' | 'lost' | 'unknown';

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

      const take = async (): Promise<Taken> => {
        const now = clock.now();
        try {
          const taken = await store.take(name, holder, {
            now: mayBeStale ? null : isoTime(now),
            tooFar: isoTime(now + LEASE_MS + MAX_SKEW_MS),
            until: isoTime(now + LEASE_MS),
          });
          mayBeStale = false;
          return taken ? 'held' : 'lost';
        } catch (error) {
          logger.error({ lease: name, err: error }, 'could not take or renew a lease');
          return 'unknown';
        }
      };

      /** Renews it until it is lost. A database that does not answer once is no reason to stop before the lease is over. */
      const keep = async (signal: AbortSignal): Promise<void> => {
        let heldUntil = clock.now() + LEASE_MS;
        while (!signal.aborted) {
          await pause(clock, RENEW_MS, signal);
          if (signal.aborted) return;
          const askedAt = clock.now();
          const taken = await take();
          if (taken === 'lost') return;
          if (taken === 'held') heldUntil = askedAt + LEASE_MS;
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
          if ((await take()) === 'held') await runWork();
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
