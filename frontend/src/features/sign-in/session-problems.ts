// What refusals mean to the session.
import { ApiError } from '@buoy/contract/client';

/** Seconds between two attempts after a rate limit: where Buoy names no time, and at most. */
const PAUSE_S = 5;
const MAX_PAUSE_S = 60;

/** Whether the refusal of a renewal says that nobody is signed in here: a disabled person is signed out everywhere, and is told why. */
export function isEnded(refusal: ApiError): boolean {
  return refusal.status === 401 || refusal.code === 'account_disabled';
}

export function signedOut(): ApiError {
  return new ApiError(401, { error: 'Nobody is signed in here.', code: 'unauthenticated' });
}

export function otherPerson(): ApiError {
  return new ApiError(401, {
    error: 'Somebody else has signed in in this browser.',
    hint: 'Try again to go on as that person, or sign in as yourself.',
    code: 'unauthenticated',
  });
}

export function pauseS({ details }: ApiError): number {
  const { retryAfterS } = Object(details) as { retryAfterS?: unknown };
  return Math.min(MAX_PAUSE_S, typeof retryAfterS === 'number' ? Math.max(1, retryAfterS) : PAUSE_S);
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, { error: String(error) });
}
