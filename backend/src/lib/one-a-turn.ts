// Spreads simultaneous work over turns of the event loop.

/** @returns what resolves in a turn of the event loop that nobody else got from here */
export function createOneATurn(): () => Promise<void> {
  const waiting: Array<() => void> = [];
  const next = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}
