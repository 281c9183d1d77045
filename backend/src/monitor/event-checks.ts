// Checks between two rounds, of servers that something happened to: their gateway went away or came back, or their state changed.
import type { Clock } from '../lib/clock.ts';
import type { Gateways } from '../openclaw/gateway/gateways.ts';
import type { CheckOutcome } from './check-server.ts';

/** Milliseconds between two checks of one server: a gateway that comes and goes is checked less and less often. */
const WAITS_MS = [5_000, 5_000, 10_000, 20_000, 40_000, 60_000];
/** Milliseconds without a check after which nothing is remembered of a server. */
const QUIET_MS = 60_000;
/** Milliseconds for a gateway to start or stop; then the next round sees what has become of it. */
const MAX_UNSETTLED_MS = 6 * 60_000;

export type EventChecks = {
  /** Something happened to that server. */
  request(serverId: string): void;
  /** No check begins any more; resolves when none is running. */
  close(): Promise<void>;
};

type Entry = {
  running: Promise<void> | null;
  /** Something happened since the running check began. */
  again: boolean;
  /** Cancels what comes next: a check, or forgetting the server. */
  cancel: () => void;
  /** What comes next is a check. */
  isWaiting: boolean;
  checks: number;
  /** Until then, a gateway in transition is looked at again. */
  untilMs: number;
};

/** @param check must not throw */
export function createEventChecks({
  check,
  clock,
}: {
  check: (serverId: string) => Promise<CheckOutcome>;
  clock: Clock;
}): EventChecks {
  const entries = new Map<string, Entry>();
  let isClosed = false;

  const run = (serverId: string, entry: Entry): void => {
    entry.isWaiting = false;
    entry.again = false;
    entry.checks += 1;
    entry.running = check(serverId).then(({ isSettled }) => {
      entry.running = null;
      if (isClosed) return;
      if (entry.again || (!isSettled && clock.now() < entry.untilMs)) runLater(serverId, entry);
      else entry.cancel = clock.after(QUIET_MS, () => entries.delete(serverId));
    });
  };

  const runLater = (serverId: string, entry: Entry): void => {
    entry.isWaiting = true;
    entry.cancel = clock.after(WAITS_MS[entry.checks - 1] ?? WAITS_MS.at(-1)!, () => run(serverId, entry));
  };

  return {
    request(serverId) {
      if (isClosed) return;
      const untilMs = clock.now() + MAX_UNSETTLED_MS;
      const entry = entries.get(serverId);
      if (entry === undefined) {
        const added = { running: null, again: false, cancel: () => {}, isWaiting: false, checks: 0, untilMs };
        entries.set(serverId, added);
        run(serverId, added);
        return;
      }
      entry.untilMs = untilMs;
      if (entry.running !== null) entry.again = true;
      else if (!entry.isWaiting) {
        entry.cancel();
        runLater(serverId, entry);
      }
    },

    async close() {
      isClosed = true;
      for (const { cancel } of entries.values()) cancel();
      await Promise.all([...entries.values()].map(({ running }) => running));
    },
  };
}

/** Calls `check` for each server whose gateway goes away, and when it comes back. The first connection to one is no news. */
export function followGateways(
  gateways: Pick<Gateways, 'onStateChange'>,
  check: (serverId: string) => void,
): void {
  const lost = new Set<string>();
  gateways.onStateChange((serverId, state) => {
    if (state === 'disconnected') lost.add(serverId);
    else if (!lost.delete(serverId) || state === 'reset') return;
    check(serverId);
  });
}
