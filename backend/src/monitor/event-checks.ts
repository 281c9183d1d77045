// Checks between two rounds, of servers that something happened to: their gateway went away or came back, or their state changed.
import type { Clock } from '../lib/clock.ts';
import { createSignal, type Signal } from '../lib/signal.ts';
import type { Gateways } from '../openclaw/gateway/gateways.ts';
import type { CheckOutcome } from './check-server.ts';

/** Milliseconds between a check and the next one for an event: a gateway that comes and goes is checked less and less often. */
const EVENT_WAITS_MS = [...Array<number>(10).fill(5_000), 10_000, 20_000, 40_000, 60_000];
/** The same where nothing has happened, but the gateway is starting or stopping. */
const UNSETTLED_WAITS_MS = [5_000, 5_000, 8_000];
/** Milliseconds for it to start or stop; then the next round sees what has become of it. */
const MAX_UNSETTLED_MS = 6 * 60_000;
/** Milliseconds without a check after which nothing is remembered of a server. */
const QUIET_MS = 60_000;

export type EventChecks = {
  /** Something happened to that server. */
  request(serverId: string): void;
  /** No check begins any more; resolves when none is running. */
  close(): Promise<void>;
};

type Entry = {
  running: Promise<void> | null;
  /** Tells the running check that something happened. */
  event: Signal;
  /** Something happened since the running check began. */
  again: boolean;
  /** Cancels what comes next: a check, or forgetting the server. */
  cancel: () => void;
  /** When the next check is due; null: none is. Milliseconds since the epoch. */
  dueMs: number | null;
  endedMs: number;
  /** Checks that events have asked for, and those since the last of them. */
  events: number;
  unsettled: number;
  /** Until then, a gateway in transition is looked at again. */
  untilMs: number;
};

/** @param check must not throw; `event` tells it, while it runs, that something happened again */
export function createEventChecks({
  check,
  clock,
}: {
  check: (serverId: string, event: Signal) => Promise<CheckOutcome>;
  clock: Clock;
}): EventChecks {
  const entries = new Map<string, Entry>();
  const closing = new AbortController();

  const run = (serverId: string, entry: Entry): void => {
    entry.dueMs = null;
    entry.again = false;
    entry.running = check(serverId, entry.event).then(({ isSettled }) => {
      entry.running = null;
      entry.endedMs = clock.now();
      if (closing.signal.aborted) return;
      if (entry.again) runForEvent(serverId, entry);
      else if (!isSettled && clock.now() < entry.untilMs) {
        runAt(serverId, entry, entry.endedMs + waitIn(UNSETTLED_WAITS_MS, entry.unsettled));
        entry.unsettled += 1;
      } else
        entry.cancel = clock.after(QUIET_MS, () => {
          entry.event.dispose();
          entries.delete(serverId);
        });
    });
  };

  const runAt = (serverId: string, entry: Entry, dueMs: number): void => {
    entry.cancel();
    entry.dueMs = dueMs;
    entry.cancel = clock.after(Math.max(0, dueMs - clock.now()), () => run(serverId, entry));
  };

  const runForEvent = (serverId: string, entry: Entry): void => {
    const dueMs = entry.endedMs + waitIn(EVENT_WAITS_MS, entry.events);
    if (entry.dueMs !== null && entry.dueMs <= dueMs) return;
    entry.events += 1;
    entry.unsettled = 0;
    runAt(serverId, entry, dueMs);
  };

  return {
    request(serverId) {
      if (closing.signal.aborted) return;
      const untilMs = clock.now() + MAX_UNSETTLED_MS;
      const entry = entries.get(serverId);
      if (entry === undefined) {
        const added: Entry = {
          ...{ running: null, event: createSignal(clock, closing.signal), again: false },
          ...{ cancel: () => {}, dueMs: null },
          ...{ endedMs: clock.now(), events: 0, unsettled: 0, untilMs },
        };
        entries.set(serverId, added);
        run(serverId, added);
        return;
      }
      entry.untilMs = untilMs;
      if (entry.running !== null) {
        entry.again = true;
        entry.event.notify();
      } else runForEvent(serverId, entry);
    },

    async close() {
      closing.abort();
      for (const { cancel } of entries.values()) cancel();
      await Promise.all([...entries.values()].map(({ running }) => running));
    },
  };
}

function waitIn(waitsMs: readonly number[], count: number): number {
  return waitsMs[count] ?? waitsMs.at(-1) ?? 0;
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
