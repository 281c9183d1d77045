// A bounded number of places with a bounded queue before them: what keeps one server from taking all the memory.
import { AppError } from './app-error.ts';

export type Slots = {
  /** Waits for a place; returns the function that frees it (further calls do nothing). Who leaves while waiting is forgotten. */
  acquire(signal?: AbortSignal): Promise<() => void>;
  inUse(): number;
  /** Callers that wait for a place. */
  waiting(): number;
  /** Hands out at most `limit` places from now on. Never below 1, never above the first limit. */
  setLimit(limit: number): void;
};

/**
 * @param limit concurrent places
 * @param maxWaiting callers that may queue; one more gets `queue_full`
 */
export function createSlots({ limit, maxWaiting }: { limit: number; maxWaiting: number }): Slots {
  let current = limit;
  let used = 0;
  const queue: Array<() => void> = [];

  function serve(): void {
    while (used < current && queue.length > 0) {
      used += 1;
      queue.shift()!();
    }
  }

  function release(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      used -= 1;
      serve();
    };
  }

  return {
    inUse: () => used,
    waiting: () => queue.length,
    setLimit(wanted) {
      current = Math.min(limit, Math.max(1, wanted));
      serve();
    },
    acquire(signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (used < current && queue.length === 0) {
        used += 1;
        return Promise.resolve(release());
      }
      if (queue.length >= maxWaiting) {
        return Promise.reject(
          new AppError('queue_full', 'Too many calls are waiting for this server.', {
            hint: 'Wait until the running ones are done, then try again.',
          }),
        );
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal?.removeEventListener('abort', leave);
          resolve(release());
        };
        const leave = () => {
          queue.splice(queue.indexOf(enter), 1);
          reject(signal?.reason);
        };
        queue.push(enter);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
