// What a stream waits on: a change, or the time for the next check.
import type { Clock } from './clock.ts';

export type Signal = {
  notify(): void;
  /** Clears the signal; call it before reading the state, so that no change in between is missed. */
  reset(): void;
  /** Resolves at the first notification since `reset`, and after `timeoutMs` at the latest. */
  wait(timeoutMs: number): Promise<void>;
  dispose(): void;
};

/** @param abort notifies when it aborts, and from then on */
export function createSignal(clock: Clock, abort: AbortSignal): Signal {
  let isNotified = false;
  let wake = () => {};
  const notify = () => {
    isNotified = true;
    wake();
  };
  abort.addEventListener('abort', notify, { once: true });
  return {
    notify,
    reset() {
      isNotified = abort.aborted;
    },
    wait(timeoutMs) {
      if (isNotified) return Promise.resolve();
      return new Promise((resolve) => {
        const stopTimer = clock.after(timeoutMs, () => wake());
        wake = () => {
          stopTimer();
          resolve();
        };
      });
    },
    dispose: () => abort.removeEventListener('abort', notify),
  };
}
