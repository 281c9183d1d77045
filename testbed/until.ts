// Polls until a condition holds or the deadline has passed.

const FIRST_PAUSE_MS = 100;
/** Polling interval after two seconds: frequent polling slows down what is waited for. */
const LAST_PAUSE_MS = 500;
const PAUSE_GROWTH = 1.25;
/** Beside other tests, or on a slow machine, the same work takes up to so many times as long. */
const SLOWEST = 3;

/**
 * For what may take its time.
 * @param deadlineMs as on an idle machine; a busy one has three times as long
 * @returns the first answer of `ask` that is neither null nor false; throws when the time is over
 */
export function until<T>(deadlineMs: number, ask: () => Promise<T | null | false>): Promise<T> {
  return within(deadlineMs * SLOWEST, ask);
}

/** As `until`, for what Buoy promises within a time: a busy machine has no longer. */
export async function within<T>(deadlineMs: number, ask: () => Promise<T | null | false>): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Not true within ${deadlineMs} ms: ${ask}`);
    // The last question is asked when the time is over, not later.
    const left = Math.max(FIRST_PAUSE_MS, deadline - Date.now());
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(pause, left));
    });
    pause = Math.min(pause * PAUSE_GROWTH, LAST_PAUSE_MS);
  }
}
