// What a stream waits on: something has happened, or it is time to look again.
import type { Clock } from './clock.ts';

export type Signal = {
  ring(): void;
  /** Forgets the rings so far; to be called before one looks, so that what happens meanwhile is not missed. */
  reset(): void;
  /** Resolves at the first ring since `reset`, and after `timeoutMs` at the latest. */
  rung(timeoutMs: number): Promise<void>;
  dispose(): void;
};

/** @param signal rings when it aborts, and then for ever */
export function createSignal(clock: Clock, signal: AbortSignal): Signal {
  let hasRung = false;
  let wake = () => {};
  const ring = () => {
    hasRung = true;
    wake();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    reset() {
      hasRung = signal.aborted;
    },
    rung(timeoutMs) {
      if (hasRung) return Promise.resolve();
      return new Promise((resolve) => {
        const stopTimer = clock.after(timeoutMs, () => wake());
        wake = () => {
          stopTimer();
          resolve();
        };
      });
    },
    dispose: () => signal.removeEventListener('abort', ring),
  };
}
