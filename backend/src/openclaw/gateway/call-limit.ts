// Lets several callers share one piece of work while each keeps its own deadline and cancel signal.
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { settleWithin } from '../../lib/settle-within.ts';

export type CallLimit = {
  /** Milliseconds from now. */
  deadlineMs: number;
  signal?: AbortSignal;
};

/** Answers as `work` does, or rejects with `deadline` or `cancelled` when that comes first; `work` itself goes on. */
export function withinLimit<T>(work: Promise<T>, limit: CallLimit, clock: Clock): Promise<T> {
  return settleWithin(work, limit, clock, deadlineError);
}

export function deadlineError(deadlineMs: number): AppError {
  return new AppError('deadline', 'OpenClaw did not answer in time.', {
    hint: 'Try again; if it stays like this, look at the load of the server.',
    details: { deadlineMs },
  });
}
