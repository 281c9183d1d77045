// One call's deadline and cancel signal as a single AbortSignal, so that every stage of the call listens to one thing.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { CallOptions } from './ssh.ts';

/** Milliseconds, 24 days: a longer timer fires immediately. */
const MAX_TIMER_MS = 2_147_483_647;

export type CallScope = {
  /** Aborted with an AppError as reason: `deadline` or `cancelled`. */
  readonly signal: AbortSignal;
  remainingMs(): number;
  /** Answers as `work` does, or rejects with the signal's reason as soon as that comes first. */
  wait<T>(work: Promise<T>): Promise<T>;
  /** Ends the timer and the listener; to be called when the call is over. */
  dispose(): void;
};

/** Starts the clock of one call. `deadlineMs` counts from now; an already aborted `signal` aborts immediately. */
export function createCallScope({ deadlineMs, signal, clock }: CallOptions & { clock: Clock }): CallScope {
  const controller = new AbortController();
  const endsAt = clock.now() + deadlineMs;
  const expire = () =>
    controller.abort(
      new AppError('deadline', 'The server did not finish in time.', {
        hint: 'Try again; if it stays like this, check the load of the server.',
        details: { deadlineMs },
      }),
    );
  const cancel = () => controller.abort(new AppError('cancelled', 'The call was cancelled.'));

  const stopTimer = clock.after(Math.min(Math.max(0, deadlineMs), MAX_TIMER_MS), expire);
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });

  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAt - clock.now()),
    wait: (work) => untilAborted(work, controller.signal),
    dispose() {
      stopTimer();
      signal?.removeEventListener('abort', cancel);
    },
  };
}

/** Answers as `work` does, or rejects with the signal's reason as soon as that comes first; `work` itself goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      work.catch(() => {});
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
