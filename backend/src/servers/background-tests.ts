// When tests that nobody waits for begin: a few at a time and in turn by person, while the event loop has room.
import { AppError } from '../lib/app-error.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import type { LoadThrottle } from '../lib/load-throttle.ts';

/** Tests at a time, over all and of one person. Each logs in twice, and hundreds that do so together are too slow to meet their deadlines. */
const AT_ONCE = { all: 24, ofPerson: 12 };

export type BackgroundTests = {
  /**
   * Runs `test` when there is room for it.
   * @param person who entered the server
   * @throws AppError `shutting_down` when it did not begin before `close`
   */
  inTurn<T>(person: string, test: () => Promise<T>): Promise<T>;
  /** Those that wait do not begin any more. */
  close(): void;
};

export function createBackgroundTests({ throttle }: { throttle: LoadThrottle }): BackgroundTests {
  const slots = createFairSlots({ limit: AT_ONCE.all, perShare: AT_ONCE.ofPerson });
  const ending = new AbortController();
  const { signal } = ending;

  return {
    async inTurn(person, test) {
      const release = await slots.acquire(person, signal);
      try {
        await throttle(signal);
        signal.throwIfAborted();
        return await test();
      } finally {
        release();
      }
    },
    close: () => ending.abort(new AppError('shutting_down', 'Buoy is stopping.')),
  };
}
