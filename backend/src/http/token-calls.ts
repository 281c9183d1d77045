// Counts the calls by all API tokens of one person together: each has a budget of its own, and fifty would let one person keep Buoy busy.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';

const MINUTE_MS = 60_000;
/** What the tokens of a person have together, in budgets of one token: at once, and a minute. */
const AT_ONCE = 2;
const PER_MINUTE = 5;

export type TokenCalls = {
  /** @throws AppError `rate_limited` when the API tokens of this person have called too often */
  count(userId: string): void;
};

/** @param parts.perMinute calls a minute of one token */
export function createTokenCalls({ perMinute, clock }: { perMinute: number; clock: Clock }): TokenCalls {
  const refillMs = MINUTE_MS / (PER_MINUTE * perMinute);
  const buckets = createTokenBuckets({ capacity: AT_ONCE * perMinute, refillMs, clock });
  return {
    count(userId) {
      const { granted, retryAfterMs } = buckets.take(userId);
      if (granted) return;
      const retryAfterS = Math.ceil(retryAfterMs / 1_000);
      throw new AppError(
        'rate_limited',
        `Too many requests by your API tokens together: at most ${AT_ONCE * perMinute} in a row, then ${PER_MINUTE * perMinute} a minute.`,
        {
          hint: `Wait ${retryAfterS} s, then try again.`,
          details: { limit: AT_ONCE * perMinute, retryAfterS },
        },
      );
    },
  };
}
