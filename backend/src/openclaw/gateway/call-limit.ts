// How long one call to OpenClaw may take, and the error when it takes longer.
import { AppError } from '../../lib/app-error.ts';

export type CallLimit = {
  /** Milliseconds from now. */
  deadlineMs: number;
  signal?: AbortSignal;
};

/** The error of `withTimeout` for calls to OpenClaw. */
export function deadlineError(deadlineMs: number): AppError {
  return new AppError('deadline', 'OpenClaw did not answer in time.', {
    hint: 'Try again; if it stays like this, check the load of the server.',
    details: { deadlineMs },
  });
}
