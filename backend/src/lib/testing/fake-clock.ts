// A clock that only advances when the test says so; due timers fire in order.
import type { Clock } from '../clock.ts';

export type FakeClock = Clock & {
  /** Lets `ms` pass. */
  pass(ms: number): void;
};

export function createFakeClock(startMs = Date.parse('2026-03-01T10:00:00.000Z')): FakeClock {
  const timers = new Set<{ dueMs: number; run: () => void }>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const [next] = [...timers].filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.run();
      }
      nowMs = endMs;
    },
  };
}
