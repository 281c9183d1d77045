// The past of servers as visitors of status pages see it, read at most once a minute for all pages.
import type { History } from '../history/history.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { type Past, presentPast, STRIP_DAYS } from './public-status.presenter.ts';

/** Milliseconds: checks are minutes apart. */
const KEEP_MS = 60_000;
/** Servers in memory, of some 3 KB each; the one that was read first goes. */
const MAX_KEPT = 5_000;
const DAY_MS = 86_400_000;

export function createServerPast({
  history,
  clock,
}: {
  history: Pick<History, 'read'>;
  clock: Clock;
}): (serverId: string) => Promise<Past> {
  const kept = new Map<string, { readAtMs: number; past: Promise<Past> }>();

  const read = async (serverId: string): Promise<Past> => {
    const nowMs = clock.now();
    const from = isoTime(nowMs - (STRIP_DAYS - 1) * DAY_MS);
    const { points, availability } = await history.read(serverId, { from, step: 'day' });
    return presentPast(points, availability, nowMs);
  };

  return (serverId) => {
    const known = kept.get(serverId);
    if (known !== undefined && clock.now() - known.readAtMs < KEEP_MS) return known.past;
    const fresh = { readAtMs: clock.now(), past: read(serverId) };
    kept.delete(serverId);
    kept.set(serverId, fresh);
    const [first] = kept.keys();
    if (kept.size > MAX_KEPT && first !== undefined) kept.delete(first);
    fresh.past.catch(() => {
      if (kept.get(serverId) === fresh) kept.delete(serverId);
    });
    return fresh.past;
  };
}
