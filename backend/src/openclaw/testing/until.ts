// Waits for something to become true, so that tests need no sleeping.

/** Milliseconds between two looks, and after which a test gives up. */
const EVERY_MS = 5;
const PATIENCE_MS = 5_000;

/** Resolves when `condition` holds; throws `what` otherwise. */
export async function until(what: string, condition: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
  const endsAt = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > endsAt) throw new Error(`it did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
