// Lets work that can wait begin only while the event loop has room: people's calls come first.
import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

/** Milliseconds between two beginnings: each adds its work before the next is weighed. */
const APART_MS = 20;
/** Milliseconds over which the load is measured. */
const SAMPLE_MS = 100;
/** The share of the time at work from which on the event loop has no room. */
const MAX_BUSY_SHARE = 0.5;
/** Milliseconds after which work begins in any case: a Buoy that is always busy still watches its servers. */
const MAX_WAIT_MS = 3_000;

/** Resolves when work may begin, or as soon as `signal` aborts; whoever must not go on then asks the signal. */
export type LoadThrottle = (signal: AbortSignal) => Promise<void>;

/** @param parts.busyShare the share of the time, 0 to 1, that the event loop has lately been at work */
export function createLoadThrottle({
  clock,
  busyShare = createBusyShare(clock),
}: {
  clock: Clock;
  busyShare?: () => number;
}): LoadThrottle {
  const waiting = new Set<{ since: number; begin: () => void }>();
  let lastAt = Number.NEGATIVE_INFINITY;
  let isTimed = false;

  function serve(): void {
    isTimed = false;
    const [first] = waiting;
    if (first === undefined) return;
    const isDue = clock.now() - lastAt >= APART_MS;
    if (isDue && (busyShare() < MAX_BUSY_SHARE || clock.now() - first.since >= MAX_WAIT_MS)) {
      lastAt = clock.now();
      first.begin();
    }
    if (waiting.size === 0 || isTimed) return;
    isTimed = true;
    clock.after(APART_MS, serve);
  }

  return (signal) =>
    new Promise((resolve) => {
      const begin = (): void => {
        waiting.delete(entry);
        signal.removeEventListener('abort', begin);
        resolve();
      };
      const entry = { since: clock.now(), begin };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', begin, { once: true });
      waiting.add(entry);
      if (!isTimed) serve();
    });
}

function createBusyShare(clock: Clock): () => number {
  let sample = performance.eventLoopUtilization();
  let sampledAt = clock.now();
  let share = 0;
  return () => {
    if (clock.now() - sampledAt >= SAMPLE_MS) {
      share = performance.eventLoopUtilization(sample).utilization;
      sample = performance.eventLoopUtilization();
      sampledAt = clock.now();
    }
    return share;
  };
}
