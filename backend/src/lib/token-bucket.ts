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

/** Keys that one call checks, to forget them: it adds one at most, and many keys must not make a call slow. */
const MAX_CHECKED = 4;

/**
 * In the memory of this process. In any stretch of time, a key is granted at most `capacity` tokens and one for each `refillMs` of it.
 * @param parts.capacity tokens in a full bucket, at least 1
 * @param parts.refillMs milliseconds until one token is back
 */
export function createTokenBuckets(parts: { capacity: number; refillMs: number; clock: Clock }) {
  const { capacity, refillMs, clock } = parts;
  const wholeMs = capacity * refillMs;
  /** When the bucket of a key is full again, in milliseconds since the epoch; first those that were checked longest ago. */
  const fullAt = new Map<string, number>();

  const forgetSomeFull = (now: number): void => {
    let left = Math.min(MAX_CHECKED, fullAt.size);
    for (const [key, at] of fullAt) {
      if (left === 0) break;
      left -= 1;
      fullAt.delete(key);
      if (at > now) fullAt.set(key, at);
    }
  };

  const resultOf = (key: string, tokens: number, now: number): TokenBucketResult => {
    // A clock that was set back makes nobody wait for longer than an empty bucket does.
    const missingMs = Math.min(Math.max((fullAt.get(key) ?? now) - now, 0), wholeMs);
    const costMs = tokens * refillMs;
    const granted = missingMs + costMs <= wholeMs;
    const fullAfterMs = granted ? missingMs + costMs : missingMs;
    return {
      granted,
      remaining: Math.floor((wholeMs - fullAfterMs) / refillMs),
      retryAfterMs: granted ? 0 : missingMs + costMs - wholeMs,
      fullAfterMs,
    };
  };

  return {
    /** @param tokens what it costs, `capacity` at most */
    take(key: string, tokens = 1): TokenBucketResult {
      const now = clock.now();
      forgetSomeFull(now);
      const result = resultOf(key, tokens, now);
      fullAt.set(key, now + result.fullAfterMs);
      return result;
    },

    /** What taking one token would answer; nothing is taken. */
    peek: (key: string): TokenBucketResult => resultOf(key, 1, clock.now()),

    /** How many keys are remembered. */
    size: () => fullAt.size,
  };
}
