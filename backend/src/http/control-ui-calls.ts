// What one person may ask of Control UIs, over all sessions and servers. Counted in this process, which does the work.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';

/** Calls in a row: a page loads some hundred files when it opens, and a person opens some pages one after the other. */
const MAX_CALLS = 1_000;
/** Milliseconds until one call is back. */
const REFILL_MS = 100;
/** Sessions whose person is remembered. */
const MAX_KNOWN = 10_000;
/** Requests at a time: a reverse proxy with HTTP/2 passes on as many of one page (128 in nginx). */
const MAX_OPEN = 128;
/** Seconds after which a client may try again: a limit that only an answer frees is not worth asking for often. */
const RETRY_AFTER_S = 10;

export function createControlUiCalls({ clock }: { clock: Clock }) {
  const buckets = createTokenBuckets({ capacity: MAX_CALLS, refillMs: REFILL_MS, clock });
  const open = new Map<string, number>();
  /** Secret of a session → its person, to refuse who calls too often before the database is asked. It admits nobody. */
  const people = new Map<string, string>();

  function spend(userId: string): void {
    const { granted, retryAfterMs } = buckets.take(userId);
    if (granted) return;
    const retryAfterS = Math.ceil(retryAfterMs / 1_000);
    throw new AppError('rate_limited', 'You are calling Control UIs too often.', {
      hint: `At most ${MAX_CALLS} calls in a row, then ten a second. Wait a moment, then load the page again.`,
      details: { limit: MAX_CALLS, retryAfterS },
    });
  }

  return {
    /**
     * Counts one call of the person whom `admit` names.
     * @param secret of the session, which `admit` checks
     * @throws AppError `rate_limited`, or as `admit` does
     */
    async counted<T extends { userId: string }>(secret: string, admit: () => Promise<T>): Promise<T> {
      const known = people.get(secret);
      if (known !== undefined) spend(known);
      const session = await admit().catch((error: unknown) => {
        people.delete(secret);
        throw error;
      });
      if (people.size >= MAX_KNOWN) people.clear();
      people.set(secret, session.userId);
      if (known === undefined) spend(session.userId);
      return session;
    },

    /**
     * Counts one more open request until the answer is called, which may be called twice.
     * @throws AppError `rate_limited`
     */
    enter(userId: string): () => void {
      const count = open.get(userId) ?? 0;
      if (count >= MAX_OPEN)
        throw new AppError(
          'rate_limited',
          `${count} of your requests to Control UIs are open, the maximum.`,
          {
            hint: 'Wait until they have ended, or close tabs of Control UIs that you do not need.',
            details: { open: count, retryAfterS: RETRY_AFTER_S },
          },
        );
      open.set(userId, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (open.get(userId) ?? 1) - 1;
        if (left === 0) open.delete(userId);
        else open.set(userId, left);
      };
    },
  };
}
