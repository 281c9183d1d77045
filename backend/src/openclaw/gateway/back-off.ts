// How long to wait between attempts to reach a gateway.

export type BackOff = {
  /** Milliseconds before the next attempt in the background: jittered, doubling with each failure. */
  next(): number;
  reset(): void;
};

/** A gateway needs 6 to 13 s to start: the first pauses are short against that, the last ones cheap. */
const FIRST_MS = 250;
const LAST_MS = 15_000;

/** @param random 0 to 1 */
export function createBackOff(random: () => number): BackOff {
  let failures = 0;
  return {
    next() {
      const pause = Math.min(LAST_MS, FIRST_MS * 2 ** failures);
      failures += 1;
      return pause * (0.5 + random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}
