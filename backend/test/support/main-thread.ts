// The longest block of the event loop of this process during some work. It counts the CPU time of this thread alone, so other
// processes and threads do not add to it, and relates it to the speed of the machine, so that a slow one does not fail.
import { YARDSTICK_MS, yardstick } from '../../../testbed/yardstick.ts';

/** Milliseconds between two measurements. */
const MEASURE_INTERVAL_MS = 2;

/** @returns how many times slower than the machine of `YARDSTICK_MS` this thread is at this moment, at least 1 */
function slowness(): number {
  const before = process.threadCpuUsage();
  yardstick();
  return Math.max(1, cpuMsSince(before) / YARDSTICK_MS);
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

// The first runs compile the yardstick.
for (let run = 0; run < 3; run += 1) yardstick();

/**
 * @returns the result of `work`, and the longest time in milliseconds that this thread computed without a turn of the event loop,
 * divided by the slowness of the machine before and after
 */
export async function longestBlock<T>(work: () => Promise<T>): Promise<{ answer: T; blockedMs: number }> {
  const slownessBefore = slowness();
  let longestMs = 0;
  let before = process.threadCpuUsage();
  const measure = () => {
    longestMs = Math.max(longestMs, cpuMsSince(before));
    before = process.threadCpuUsage();
  };
  const timer = setInterval(measure, MEASURE_INTERVAL_MS);
  try {
    const answer = await work();
    measure();
    return { answer, blockedMs: longestMs / ((slownessBefore + slowness()) / 2) };
  } finally {
    clearInterval(timer);
  }
}

/** The shortest result of `longestBlock` over at most three tries: the first one also compiles code and collects garbage. */
export async function longestBlockOfThree<T>(
  work: () => Promise<T>,
  limitMs: number,
): Promise<{ answer: T; blockedMs: number }> {
  let best = await longestBlock(work);
  for (let attempt = 2; attempt <= 3 && best.blockedMs >= limitMs; attempt += 1) {
    const next = await longestBlock(work);
    if (next.blockedMs < best.blockedMs) best = next;
  }
  return best;
}
