// The clock as a dependency, so that tests advance time instead of sleeping.

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `delayMs`; the answer cancels it. The timer does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** `ms` since the epoch as ISO 8601 UTC, the form of every time in the API and the database. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The last moment whose year has four digits: later ones are none that the API can tell. */
export const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The same for a time that a server told; null for none and for what is no time of the API. */
export function toldTime(ms: number | null | undefined): string | null {
  return ms != null && ms > 0 && ms <= LAST_TIME_MS ? isoTime(ms) : null;
}
