// How long the event loop of this process stands still while something runs. It counts the processor's time of this thread alone: what
// other processes and threads take of a busy machine is not in it.

/** Milliseconds between two looks. */
const EVERY_MS = 2;

/** @returns what `work` answers, and the longest time in milliseconds that this thread computed without letting anything else in */
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
