// Removes once an hour what is left of sessions that are over, also of people who never come back, a little at a time.
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import type { SessionRetentionStore } from './session-retention.store.ts';

/** Milliseconds between a start and the first pass, and between two passes. */
const WAIT_MS = { first: 60_000, next: 3_600_000 };
/** Milliseconds between two slices, to let others read and write. */
const PAUSE_MS = 50;

/** Each Buoy on a database does it: what another one has removed already takes a few reads. */
export function createSessionRetention({
  store,
  clock,
  logger,
}: {
  store: SessionRetentionStore;
  clock: Clock;
  logger: Logger;
}) {
  const ending = new AbortController();
  const { signal } = ending;
  let stopTimer = () => {};
  let working = Promise.resolve();

  /** Ends early when Buoy does. */
  const removeEnded = async (): Promise<void> => {
    const now = isoTime(clock.now());
    for (let after: string | null = ''; after !== null && !signal.aborted; ) {
      const { ids, next } = await store.endedAfter(after, now);
      while (!signal.aborted && (await store.deleteReplacedSecrets(ids)))
        await pause(clock, PAUSE_MS, signal);
      await store.removeExpired(ids, now);
      after = next;
      if (after !== null) await pause(clock, PAUSE_MS, signal);
    }
  };

  const wait = (delayMs: number): void => {
    if (signal.aborted) return;
    stopTimer = clock.after(delayMs, () => {
      working = work();
    });
  };

  const work = async (): Promise<void> => {
    try {
      await removeEnded();
    } catch (error) {
      logger.error({ err: error }, 'sessions that are over could not be removed');
    }
    wait(WAIT_MS.next);
  };

  return {
    start: () => wait(WAIT_MS.first),

    /** Resolves when nothing is removed any more. */
    async close(): Promise<void> {
      ending.abort();
      stopTimer();
      await working;
    },
  };
}
