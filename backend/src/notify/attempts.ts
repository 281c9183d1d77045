// How long a Buoy has a channel to itself, and when a failed attempt is repeated and given up.
import { ATTEMPT_MS } from './send-to-channel.ts';

/** Milliseconds from a failure to the next attempt, doubling with each. */
const RETRY_MS = { first: 1_000, last: 300_000 };
/** Milliseconds after which what nobody took is given up. */
export const GIVE_UP_MS = 86_400_000;
/** Milliseconds for which a Buoy has a channel to itself, renewed with each attempt. */
export const CLAIM_MS = 2 * ATTEMPT_MS;

/**
 * Milliseconds until the next attempt.
 * @param failures in a row, this one among them
 * @param afterMs what the receiver asked for
 */
export function retryMs(failures: number, afterMs = 0): number {
  return Math.max(
    Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** (failures - 1)),
    Math.min(GIVE_UP_MS, afterMs),
  );
}
