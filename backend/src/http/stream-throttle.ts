// How fast the event streams of one person are sent: each opening may read megabytes again. Nobody is refused; who reads much waits.
// Counted in this process, whose time it is.
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';

const KIB = 1024;
/** KiB in a row: four times the whole output of the longest task. */
const CAPACITY = 32 * KIB;
/** Milliseconds until one KiB is back: a megabyte a second for ever. */
const REFILL_MS = 1;

export type StreamThrottle = {
  /** Resolves when `bytes` more may go to this person, or `signal` aborts. */
  admit(userId: string, bytes: number, signal: AbortSignal): Promise<void>;
};

export function createStreamThrottle({ clock }: { clock: Clock }): StreamThrottle {
  const buckets = createTokenBuckets({ capacity: CAPACITY, refillMs: REFILL_MS, clock });
  return {
    async admit(userId, bytes, signal) {
      const tokens = Math.min(CAPACITY, Math.ceil(bytes / KIB));
      while (!signal.aborted) {
        const { granted, retryAfterMs } = buckets.take(userId, tokens);
        if (granted) return;
        await pause(clock, retryAfterMs, signal);
      }
    },
  };
}
