// Retries while a server is unreachable, for a limited time: a network failure must not fail a task.
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { StepContext } from './task-kind.ts';

/** Milliseconds between two attempts while the server is unreachable. The SSH port has its own back-off below this. */
const RETRY_MS = { first: 300, max: 3_000 };
/** Invalid answers in a row before they count as a failure: a connection lost during an answer causes one. */
const MAX_INVALID_ANSWERS = 5;
/** Milliseconds for one call: half-open connections end their calls late. */
const CALL_MS = 20_000;

export type RetryLimits = {
  /** Milliseconds for everything, waiting included. */
  deadlineMs: number;
  signal: AbortSignal;
  /** Called once when the server becomes unreachable, and once when it is back. */
  onReach?: (reachable: boolean) => void;
};

/** True for temporary errors: the network, a breaker, a full queue. Not for a refused login or a changed host key. */
function isPassing(error: unknown): boolean {
  return isAppError(error, 'unreachable', 'circuit_open', 'deadline', 'queue_full');
}

/**
 * Calls `attempt` until it answers. Throws its error when that does not pass by itself, the signal's reason when aborted, and
 * `unreachable` or `deadline` when the time is over.
 * @param attempt gets the limits of one call; it must be safe to repeat, since an unanswered call may have arrived
 */
export async function retryWhileUnreachable<T>(
  clock: Clock,
  { deadlineMs, signal, onReach }: RetryLimits,
  attempt: (limits: { deadlineMs: number; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const endsAt = clock.now() + deadlineMs;
  let lastError: unknown = null;
  let odd = 0;
  for (let delayMs = RETRY_MS.first; ; delayMs = Math.min(RETRY_MS.max, delayMs * 2)) {
    if (signal.aborted) throw reasonOf(signal, lastError);
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) throw outOfTime(lastError);
    try {
      const answer = await attempt({ deadlineMs: Math.min(CALL_MS, leftMs), signal });
      if (lastError !== null) onReach?.(true);
      return answer;
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal, lastError);
      odd = isAppError(error, 'bad_gateway') ? odd + 1 : 0;
      if (odd === 0 ? !isPassing(error) : odd > MAX_INVALID_ANSWERS) throw error;
      if (lastError === null) onReach?.(false);
      lastError = error;
    }
    await pause(clock, Math.min(delayMs, endsAt - clock.now()), signal);
  }
}

/** A deadline that passed while the server was unreachable is reported as unreachable. */
function reasonOf(signal: AbortSignal, lastError: unknown): unknown {
  return lastError !== null && isAppError(signal.reason, 'deadline') ? outOfTime(lastError) : signal.reason;
}

function outOfTime(lastError: unknown): AppError {
  if (lastError === null) return new AppError('deadline', 'The server did not finish in time.');
  return new AppError('unreachable', 'The server became unreachable and did not come back in time.', {
    hint: 'Check its network and power. The command may still be running on it; start the task again when it is back.',
    cause: lastError,
  });
}

/** The same within a step, which shows that it waits. Calls `onBack` after the server was away. */
export function reachServer<T>(
  { clock, signal, detail }: Pick<StepContext<unknown, unknown>, 'clock' | 'signal' | 'detail'>,
  deadlineMs: number,
  call: (limits: { deadlineMs: number; signal: AbortSignal }) => Promise<T>,
  onBack: () => void = () => undefined,
): Promise<T> {
  const onReach = (reachable: boolean) => {
    detail(reachable ? 'The server is back.' : 'The server is unreachable; waiting for it.');
    if (reachable) onBack();
  };
  return retryWhileUnreachable(clock, { deadlineMs, signal, onReach }, call);
}
