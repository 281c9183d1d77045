// Rechecks access every second while streams and calls run, in one round for all.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds between two rounds. */
const RECHECK_MS = 1_000;
/** Rechecks per turn of the event loop: a thousand at once would block everybody else. */
const SLICE = 5;

export type Rechecks = {
  /**
   * Asks `isAdmitted` each second, the first time `graceMs` after now at the earliest, until it says no or the answer of `watch` is called; one question a round for all with the same `key`.
   * @param onRefused called once, also when the question itself fails
   */
  watch(key: string, graceMs: number, isAdmitted: () => Promise<boolean>, onRefused: () => void): () => void;
  close(): void;
};

type Watched = { key: string; from: number; isAdmitted: () => Promise<boolean>; onRefused: () => void };

export function createRechecks(): Rechecks {
  const watched = new Set<Watched>();
  let isAsking = false;

  const ask = async (): Promise<void> => {
    const asked = new Map<string, Promise<boolean>>();
    const now = performance.now();
    const due = [...watched].filter(({ from }) => now >= from);
    for (let start = 0; start < due.length; start += SLICE) {
      if (start > 0) await nextTurn();
      await Promise.all(
        due.slice(start, start + SLICE).map(async (one) => {
          const answer = asked.get(one.key) ?? one.isAdmitted().catch(() => false);
          asked.set(one.key, answer);
          if (!(await answer) && watched.delete(one)) one.onRefused();
        }),
      );
    }
  };

  const timer = setInterval(() => {
    // A slow database is not asked again before it has answered.
    if (isAsking || watched.size === 0) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
    });
  }, RECHECK_MS);
  timer.unref();

  return {
    watch(key, graceMs, isAdmitted, onRefused) {
      const one = { key, from: performance.now() + graceMs, isAdmitted, onRefused };
      watched.add(one);
      return () => void watched.delete(one);
    },
    close: () => clearInterval(timer),
  };
}
