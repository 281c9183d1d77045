// A clock for tests that jumps to the next timer as soon as everything else has come to rest.
import type { Clock } from '../../lib/clock.ts';

/** Waiting takes no time here; the order of timers is kept. Not for work that waits for other processes. */
export function createFastForwardClock(startMs = Date.parse('2026-03-01T10:00:00Z')): Clock {
  type Timer = { dueMs: number; run: () => void };
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let isPlanned = false;

  const jump = () => {
    isPlanned = false;
    let next: Timer | null = null;
    for (const timer of timers) if (next === null || timer.dueMs < next.dueMs) next = timer;
    if (next === null) return;
    timers.delete(next);
    nowMs = Math.max(nowMs, next.dueMs);
    next.run();
    plan();
  };
  const plan = () => {
    if (isPlanned || timers.size === 0) return;
    isPlanned = true;
    setImmediate(jump);
  };
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      plan();
      return () => void timers.delete(timer);
    },
  };
}
