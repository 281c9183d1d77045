// Lets several callers share one piece of work while each keeps its own deadline and cancel signal.
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';

export type CallLimit = {
  /** Milliseconds from now. */
  deadlineMs: number;
  signal?: AbortSignal;
};

/** Answers as `work` does, or rejects with `deadline` or `cancelled` when that comes first; `work` itself goes on. */
export function withinLimit<T>(
  work: Promise<T>,
  { deadlineMs, signal }: CallLimit,
  clock: Clock,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => finish(() => reject(new AppError('cancelled', 'The call was cancelled.')));
    const stopTimer = clock.after(Math.max(0, deadlineMs), () =>
      finish(() => reject(deadlineError(deadlineMs))),
    );
    function finish(settle: () => void): void {
      stopTimer();
      signal?.removeEventListener('abort', cancel);
      settle();
    }
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });
}

export function deadlineError(deadlineMs: number): AppError {
  return new AppError('deadline', 'OpenClaw did not answer in time.', {
    hint: 'Try again; if it stays like this, look at the load of the server.',
    details: { deadlineMs },
  });
}
