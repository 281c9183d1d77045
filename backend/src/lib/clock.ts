// Time as a dependency, so that tests move it instead of sleeping.

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
