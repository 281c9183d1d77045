// Work that all who want it at the same time share, so that many callers cost what one does.

type Shared<T> = { result: Promise<T>; callers: number; leaving: AbortController };

/**
 * @param work begun where none runs for that key; its signal aborts when all its callers have left
 * @returns what the work for a key gives, to each caller until their own signal aborts
 */
export function createSharedWork<T>(
  work: (key: string, signal: AbortSignal) => Promise<T>,
): (key: string, signal: AbortSignal) => Promise<T> {
  const running = new Map<string, Shared<T>>();

  const begin = (key: string): Shared<T> => {
    const leaving = new AbortController();
    const shared = { result: work(key, leaving.signal), callers: 0, leaving };
    running.set(key, shared);
    const end = () => {
      if (running.get(key) === shared) running.delete(key);
    };
    shared.result.then(end, end);
    return shared;
  };

  return async (key, signal) => {
    signal.throwIfAborted();
    const shared = running.get(key) ?? begin(key);
    shared.callers += 1;
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => {
      reject(signal.reason);
      shared.callers -= 1;
      if (shared.callers > 0) return;
      // Whoever comes now begins anew.
      if (running.get(key) === shared) running.delete(key);
      shared.leaving.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([shared.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
}
