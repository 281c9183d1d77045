// What the answer of a web server to a notification means.
import type { PublicAnswer } from '../public-request.ts';
import type { SendResult } from '../sender.ts';

/** Bad, too large, or not understood: the same again gets the same answer, others may pass. */
const REFUSING = [400, 413, 422];
/** Other answers of the class 4xx that say nothing of the text of a notification: who asks, where, when, and how often. */
const NOT_OF_THE_TEXT = [401, 404, 407, 408, 425, 429];

/** @param about.gone statuses after which nothing more is sent there */
export function resultOf(
  { status, retryAfterMs }: PublicAnswer,
  { host, gone }: { host: string; gone: readonly number[] },
): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  const error = `${host} answered with the status ${status}.`;
  if (gone.includes(status)) return { outcome: 'blocked', error };
  if (REFUSING.includes(status)) return { outcome: 'refused', error };
  const isRejection = status >= 400 && status < 500 && !NOT_OF_THE_TEXT.includes(status);
  return {
    outcome: 'failed',
    error,
    isRejection,
    ...(retryAfterMs === null ? {} : { afterMs: retryAfterMs }),
  };
}

/** Of what a request threw. Throws the reason of `signal` when that aborted it. */
export function failureOf(error: unknown, signal: AbortSignal): SendResult {
  signal.throwIfAborted();
  return { outcome: 'failed', error: error instanceof Error ? error.message : String(error) };
}
