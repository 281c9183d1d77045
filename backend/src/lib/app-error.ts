// The one error type of the backend. Adapters translate foreign errors into it once; http/problem.ts alone puts it on the wire.
// The table alone: worker threads start with it, and need no schemas.
import type { ErrorDetails } from '@buoy/contract';
import { type ErrorCode, errorStatus } from '@buoy/contract/errors';

export type AppErrorOptions = {
  /** What the person can do next, one sentence. */
  hint?: string;
  /** Facts that help a program: never a secret, a stack or a path on a managed server. */
  details?: ErrorDetails;
  cause?: unknown;
};

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly hint: string | undefined;
  readonly details: ErrorDetails | undefined;

  /**
   * @param code one of the closed set in contract/errors.ts; it decides the HTTP status
   * @param message one sentence that a person understands; it reaches the client as it is
   */
  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = errorStatus[code];
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** True when `error` is an AppError with one of `codes` (any code when none is given). */
export function isAppError(error: unknown, ...codes: ErrorCode[]): error is AppError {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code));
}
