// The longest block of the event loop of this process during some work. It counts the CPU time of this thread alone, so other
// processes and threads on a busy machine do not affect it.

/** Milliseconds between two measurements. */
const EVERY_MS = 2;

/** @returns the result of `work`, and the longest time in milliseconds that this thread computed without a turn of the event loop */
export async function longestBlock<T>(work: () => Promise<T>): Promise<{ answer: T; blockedMs: number }> {
  let blockedMs = 0;
  let before = process.threadCpuUsage();
  const look = () => {
    const { user, system } = process.threadCpuUsage(before);
    blockedMs = Math.max(blockedMs, (user + system) / 1_000);
    before = process.threadCpuUsage();
  };
  const timer = setInterval(look, EVERY_MS);
  try {
    const answer = await work();
    look();
    return { answer, blockedMs };
  } finally {
    clearInterval(timer);
  }
}
