// Tokens and cost of the day of each server, asked at most once an hour: OpenClaw counts for seconds.
import type { OpenclawUsage } from '@buoy/contract';
import { type Clock, isoTime } from '../lib/clock.ts';

/** Milliseconds for one answer. */
const ASK_MS = 30_000;
/** Milliseconds between two questions to one server. */
const KEEP_MS = 3_600_000;

type Figures = { tokens: number | null; costUsd: number | null };

export type DailyUsage = {
  /** As last counted; begins to count anew where that is too long ago. */
  read(serverId: string): Figures;
  /** As last counted today. */
  last(serverId: string): Figures;
};

/** @param ask may throw; the figures stay as they were then */
export function createDailyUsage({
  ask,
  clock,
}: {
  ask: (serverId: string, day: string, signal: AbortSignal) => Promise<OpenclawUsage>;
  clock: Clock;
}): DailyUsage {
  const counted = new Map<string, Figures & { day: string; askedAtMs: number }>();
  const today = () => isoTime(clock.now()).slice(0, 10);

  const last = (serverId: string): Figures => {
    const known = counted.get(serverId);
    if (known === undefined || known.day !== today()) return { tokens: null, costUsd: null };
    return { tokens: known.tokens, costUsd: known.costUsd };
  };

  const count = async (serverId: string): Promise<void> => {
    const day = today();
    const before = last(serverId);
    counted.set(serverId, { ...before, day, askedAtMs: clock.now() });
    try {
      const { totals } = await ask(serverId, day, AbortSignal.timeout(ASK_MS));
      counted.set(serverId, { tokens: totals.tokens, costUsd: totals.costUsd, day, askedAtMs: clock.now() });
    } catch {
      // The next check may ask again in an hour.
    }
  };

  return {
    last,
    read(serverId) {
      const known = counted.get(serverId);
      const isDue = known === undefined || known.day !== today() || clock.now() - known.askedAtMs >= KEEP_MS;
      if (isDue) void count(serverId);
      return last(serverId);
    },
  };
}
