// How long to wait between attempts to reach a gateway, and before connecting again to one that hangs up.
import type { Clock } from '../../lib/clock.ts';

type BackOff = {
  /** Milliseconds before the next attempt in the background: jittered, doubling with each failure. */
  next(): number;
  reset(): void;
};

/** A gateway needs 6 to 13 s to start: the first pauses are short against that, the last ones cheap. */
const FIRST_MS = 250;
/** One that is back is seen within 10 s; one that hangs up each time gets fewer connections. */
const LAST_MS = { ofFailures: 10_000, ofLosses: 15_000 };

export type ReconnectBackOff = {
  /** Milliseconds before the next attempt in the background. */
  next(): number;
  connected(): void;
  /** The connection ended. Returns the milliseconds for which none should be made: few, if it had lasted. */
  lost(): number;
  /** Earlier failures to connect say nothing any more. Earlier losses do. */
  retrySoon(): void;
};

/** Milliseconds after which a connection has lasted: one that ends sooner makes the next pause longer. */
export const LASTING_MS = 60_000;

/** For one connection that is made again and again. A success alone does not make pauses short: hanging up after it costs a gateway nothing. */
export function createReconnectBackOff(random: () => number, clock: Pick<Clock, 'now'>): ReconnectBackOff {
  const attempts = createBackOff(random, LAST_MS.ofFailures);
  const losses = createBackOff(random, LAST_MS.ofLosses);
  let upSince: number | null = null;
  let heldUntil = Number.NEGATIVE_INFINITY;
  return {
    next: () => Math.max(heldUntil - clock.now(), attempts.next()),
    connected() {
      attempts.reset();
      upSince = clock.now();
    },
    lost() {
      if (upSince !== null && clock.now() - upSince >= LASTING_MS) losses.reset();
      upSince = null;
      const pauseMs = losses.next();
      heldUntil = clock.now() + pauseMs;
      return pauseMs;
    },
    retrySoon: () => attempts.reset(),
  };
}

/** @param random 0 to 1 */
function createBackOff(random: () => number, lastMs: number): BackOff {
  let failures = 0;
  return {
    next() {
      const pause = Math.min(lastMs, FIRST_MS * 2 ** failures);
      failures += 1;
      return pause * (0.5 + random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}
