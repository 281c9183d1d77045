// Limits the wait for work that may continue in the background.
import { AppError } from './app-error.ts';
import type { Clock } from './clock.ts';

/**
 * Answers as `work` does, or rejects when the deadline passes or the signal aborts before; `work` itself goes on.
 * @param limit.deadlineMs milliseconds from now
 * @param tooLate the error of a passed deadline; an aborted signal is `cancelled`
 */
export function withTimeout<T>(
  work: Promise<T>,
  { deadlineMs, signal }: { deadlineMs: number; signal?: AbortSignal | undefined },
  clock: Clock,
  tooLate: (deadlineMs: number) => AppError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => finish(() => reject(new AppError('cancelled', 'The call was cancelled.')));
    const stopTimer = clock.after(Math.max(0, deadlineMs), () => finish(() => reject(tooLate(deadlineMs))));
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
