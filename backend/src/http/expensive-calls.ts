// Counts costly calls per person, across addresses: over all devices, and apart over all API tokens.
import type { FastifyReply } from 'fastify';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';

/** Calls in a row: a person who installs or updates ten servers by hand is not held up, a script in a loop is. */
const CAPACITY = 10;
/** Milliseconds until one call is back: a script may do one a minute for ever. */
const REFILL_MS = 60_000;

export type ExpensiveCalls = {
  /**
   * Takes one call from what this person (`countedPerson`) may do, and says in the headers what is left, where that is less than the address has left.
   * @throws AppError `rate_limited`
   */
  spend(person: string, reply: FastifyReply): void;
};

export function createExpensiveCalls({ clock }: { clock: Clock }): ExpensiveCalls {
  const buckets = createTokenBuckets({ capacity: CAPACITY, refillMs: REFILL_MS, clock });
  return {
    spend(person, reply) {
      const { granted, remaining, retryAfterMs, fullAfterMs } = buckets.take(person);
      if (!granted) {
        const retryAfterS = Math.ceil(retryAfterMs / 1000);
        throw new AppError(
          'rate_limited',
          `Too many costly calls: at most ${CAPACITY} in a row, then one a minute.`,
          { hint: `Wait ${retryAfterS} s, then try again.`, details: { limit: CAPACITY, retryAfterS } },
        );
      }
      if (remaining <= Number(reply.getHeader('x-ratelimit-remaining') ?? Number.POSITIVE_INFINITY))
        reply.headers({
          'x-ratelimit-limit': CAPACITY,
          'x-ratelimit-remaining': remaining,
          'x-ratelimit-reset': Math.ceil(fullAfterMs / 1000),
        });
    },
  };
}
