// Waits for a condition in tests, instead of sleeping for a guessed time.

/** Polls `condition` until it holds; fails with `what` after `withinMs`. */
export async function until(condition: () => boolean, what: string, withinMs = 5000): Promise<void> {
  const endsAt = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > endsAt) throw new Error(`did not happen within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
