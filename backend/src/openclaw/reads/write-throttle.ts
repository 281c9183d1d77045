// Limits how often an unchanged value is written again.
import type { Clock } from '../../lib/clock.ts';

export type WriteThrottle = {
  /** Whether `key` differs from the last one for `name`, or that one is old. Counts as written when true. */
  isDue(name: string, key: string): boolean;
  forget(name: string): void;
};

/** Names that are remembered: of those that were forgotten the same is said once more. */
const MAX_NAMES = 10_000;

/** @param everyMs milliseconds after which the same is said again */
export function createWriteThrottle(clock: Clock, everyMs: number): WriteThrottle {
  const last = new Map<string, { key: string; at: number }>();
  return {
    isDue(name, key) {
      const before = last.get(name);
      if (before !== undefined && before.key === key && clock.now() - before.at < everyMs) return false;
      last.delete(name);
      last.set(name, { key, at: clock.now() });
      const [oldest] = last.keys();
      if (last.size > MAX_NAMES) last.delete(oldest!);
      return true;
    },
    forget: (name) => void last.delete(name),
  };
}
