// Waits after a rate-limit response, then repeats the call. A rate-limited call was not executed, so that is safe.

/** Seconds; a longer wait is for the person to know of. */
const MAX_WAIT_S = 60;
const MAX_WAITS = 3;
/** Milliseconds over which calls that wait for the same moment are spread. */
const SPREAD_MS = 1_000;

type Pause = (ms: number, signal?: AbortSignal | null) => Promise<void>;

/** A `fetch` that waits a 429 out by its Retry-After, a few times, and ends its wait with the caller's signal. */
export function waitingOut(send: typeof fetch, pauseFor: Pause = pause): typeof fetch {
  return async (input, init) => {
    for (let waits = 0; ; waits += 1) {
      const answer = await send(input, init);
      const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
      const isWorthIt = answer.status === 429 && seconds <= MAX_WAIT_S && waits < MAX_WAITS;
      if (!isWorthIt || (await isFull(answer))) return answer;
      await answer.body?.cancel();
      await pauseFor(seconds * 1_000 + Math.random() * SPREAD_MS, init?.signal);
    }
  };
}

/** As many streams or terminals are open as may be: no time helps, the person has to close one. */
async function isFull(answer: Response): Promise<boolean> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  return 'open' in Object(Object(body).details);
}

/** @throws the reason of `signal` when it aborts first */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
