// Asks a download source again when the network fails, a few times.
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { pause } from '../../lib/pause.ts';

const MAX_ATTEMPTS = 3;
/** Milliseconds before the second attempt; doubled before the next. */
const FIRST_PAUSE_MS = 1_000;

/**
 * What an answer of a source with another status than 200 means. Names the source, not the host that it led to.
 * @param asked.what in words, for people
 */
export function answerFailure(
  { status }: Pick<Response, 'status'>,
  { url, what }: { url: string; what: string },
): Error {
  const { host } = new URL(url);
  if (status === 404)
    return new AppError('version_not_found', `${host} does not have ${what}.`, {
      hint: 'Choose another version, or “latest”.',
    });
  const message = `${host} answers with HTTP ${status} for ${what}.`;
  // Of a source that is overloaded, or has a moment's trouble.
  return status === 429 || status >= 500 ? new Error(message) : sourceFailure(message);
}

/** The error of a source from which Buoy itself could not download. */
export function sourceFailure(message: string, cause?: unknown): AppError {
  return new AppError('registry_failed', message, {
    hint: 'Check that Buoy reaches the registry, or the mirror that is set as NPM_REGISTRY or NODE_MIRROR.',
    cause,
  });
}

/**
 * Calls `attempt` until it answers. An AppError counts at once, everything else as a failure of the network.
 * @param what in words, for people. Throws AppError, or the reason of the signal
 */
export async function withAttempts<T>(
  { clock, signal, what }: { clock: Clock; signal: AbortSignal; what: string },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (isAppError(error)) throw error;
      if (count === MAX_ATTEMPTS) throw sourceFailure(`Buoy could not download ${what}.`, error);
      await pause(clock, FIRST_PAUSE_MS * 2 ** (count - 1), signal);
      signal.throwIfAborted();
    }
  }
}
