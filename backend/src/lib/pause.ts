// A pause that a signal can cut short.
import type { Clock } from './clock.ts';

/** Resolves after `ms` or as soon as `signal` aborts; whoever must not go on then asks the signal. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stopTimer();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stopTimer = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
