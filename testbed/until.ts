// Waits for something that has no event to wait for: asks again until it is so, or the deadline has passed.

const ASK_EVERY_MS = 100;

/** @returns the first answer of `ask` that is neither null nor false. Throws after `deadlineMs`. */
export async function until<T>(deadlineMs: number, ask: () => Promise<T | null | false>): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`It did not become so within ${deadlineMs} ms: ${ask}`);
    await new Promise((resolve) => {
      setTimeout(resolve, ASK_EVERY_MS);
    });
  }
}
