// A bounded number of places, shared fairly: a share with much work delays only itself.

export type FairSlots = {
  /** Waits for a place on behalf of `share`; answers the function that gives it back (once; more calls do nothing). */
  acquire(share: string, signal: AbortSignal): Promise<() => void>;
};

/**
 * A free place goes to the share that holds the fewest, and among equals to the one that was served longest ago.
 * @param perShare places that one share may hold, also when nobody else waits
 */
export function createFairSlots({
  limit,
  perShare = limit,
}: {
  limit: number;
  perShare?: number;
}): FairSlots {
  /** Who waits, by share; in the order in which the shares were served. */
  const queues = new Map<string, Array<() => void>>();
  const held = new Map<string, number>();
  let used = 0;
  let isServing = false;

  function nextShare(): string | undefined {
    let next: string | undefined;
    let fewest = perShare;
    for (const share of queues.keys()) {
      const holds = held.get(share) ?? 0;
      if (holds >= fewest) continue;
      next = share;
      fewest = holds;
    }
    return next;
  }

  function serve(): void {
    isServing = false;
    while (used < limit) {
      const share = nextShare();
      if (share === undefined) return;
      const queue = queues.get(share)!;
      const enter = queue.shift()!;
      queues.delete(share);
      if (queue.length > 0) queues.set(share, queue);
      enter();
    }
  }

  /** Later in this turn: who asks at the same moment is weighed together, not served in the order of asking. */
  function serveSoon(): void {
    if (isServing) return;
    isServing = true;
    queueMicrotask(serve);
  }

  function take(share: string): () => void {
    used += 1;
    held.set(share, (held.get(share) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      used -= 1;
      const left = (held.get(share) ?? 1) - 1;
      if (left === 0) held.delete(share);
      else held.set(share, left);
      serveSoon();
    };
  }

  return {
    acquire(share, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const queue = queues.get(share) ?? [];
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(take(share));
        };
        const leave = () => {
          const waiting = queues.get(share) ?? [];
          waiting.splice(waiting.indexOf(enter), 1);
          if (waiting.length === 0) queues.delete(share);
          reject(signal.reason);
        };
        queue.push(enter);
        queues.set(share, queue);
        signal.addEventListener('abort', leave, { once: true });
        serveSoon();
      });
    },
  };
}
