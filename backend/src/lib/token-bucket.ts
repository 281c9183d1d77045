// Token bucket rate limiter, one bucket per key.
import type { Clock } from './clock.ts';

export type TokenBucketResult = {
  granted: boolean;
  /** Whole tokens that are left. */
  remaining: number;
  /** Milliseconds until there are enough tokens again; 0 when they were granted. */
  retryAfterMs: number;
  /** Milliseconds until the bucket is full again. */
  fullAfterMs: number;
};

/**
 * In the memory of this process. In any stretch of time, a key is granted at most `capacity` tokens and one for each `refillMs` of it.
 * @param parts.capacity tokens in a full bucket, at least 1
 * @param parts.refillMs milliseconds until one token is back
 */
export function createTokenBuckets(parts: { capacity: number; refillMs: number; clock: Clock }) {
  const { capacity, refillMs, clock } = parts;
  const wholeMs = capacity * refillMs;
  /** When the bucket of a key is full again, in milliseconds since the epoch. A full one has no entry. */
  const fullAt = new Map<string, number>();

  const forgetFull = (now: number): void => {
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
  };

  return {
    /** @param tokens what it costs, `capacity` at most */
    take(key: string, tokens = 1): TokenBucketResult {
      const now = clock.now();
      forgetFull(now);
      // A clock that was set back makes nobody wait for longer than an empty bucket does.
      const missingMs = Math.min((fullAt.get(key) ?? now) - now, wholeMs);
      const costMs = tokens * refillMs;
      const granted = missingMs + costMs <= wholeMs;
      const fullAfterMs = granted ? missingMs + costMs : missingMs;
      fullAt.set(key, now + fullAfterMs);
      return {
        granted,
        remaining: Math.floor((wholeMs - fullAfterMs) / refillMs),
        retryAfterMs: granted ? 0 : missingMs + costMs - wholeMs,
        fullAfterMs,
      };
    },

    /** How many keys are remembered. */
    size: () => fullAt.size,
  };
}
