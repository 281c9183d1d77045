// Spreads simultaneous work over turns of the event loop.

/**
 * @returns what resolves in a turn of the event loop that nobody else got from here. Shares take turns: one with much work, such as a person
 * with many hostile servers, delays only itself.
 */
export function createOneATurn(): (share?: string) => Promise<void> {
  /** Who waits, by share; in the order in which the shares were served. */
  const waiting = new Map<string, Array<() => void>>();
  const next = (): void => {
    for (const [share, queue] of waiting) {
      queue.shift()?.();
      waiting.delete(share);
      if (queue.length > 0) waiting.set(share, queue);
      break;
    }
    if (waiting.size > 0) setImmediate(next);
  };
  return (share = '') =>
    new Promise((resolve) => {
      if (waiting.size === 0) setImmediate(next);
      const queue = waiting.get(share) ?? [];
      queue.push(resolve);
      waiting.set(share, queue);
    });
}
