// The list of servers as a stream: nothing is queued for a slow reader, what it has not seen is found by comparing.
import type { Server, StreamEventOf, servers } from '@buoy/contract';
import { createBell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';

export type ServerListEvent = StreamEventOf<(typeof servers)['GET /servers/events']>;

/** Milliseconds after which the list is read again unasked: a role was given or taken, an observation went stale, another process wrote. */
const lookAgainMs = 2_000;
/** Milliseconds between a change and the look at it: many servers are often looked at within one moment. */
const gatherMs = 200;

/**
 * First a `server` event for each of the list and `complete` with their number, then `server` for each that is new or looks different
 * and `removed` for each that is not to be seen any more. Ends when `signal` aborts.
 * @param list what the reader may see now
 * @param onChange tells of writes by this process; answers what ends that
 */
export async function* serverEvents(options: {
  list: () => Promise<Server[]>;
  onChange: (listener: () => void) => () => void;
  clock: Clock;
  signal: AbortSignal;
}): AsyncGenerator<ServerListEvent, void, void> {
  const { list, onChange, clock, signal } = options;
  const bell = createBell(clock, signal);
  const unsubscribe = onChange(bell.ring);
  /** Server id → how it was told last. */
  const told = new Map<string, string>();
  let isFirst = true;
  try {
    while (!signal.aborted) {
      bell.reset();
      const current = await list();
      for (const server of current) {
        const look = JSON.stringify(server);
        if (told.get(server.id) === look) continue;
        told.set(server.id, look);
        yield { event: 'server', data: server };
      }
      const ids = new Set(current.map((server) => server.id));
      for (const id of told.keys()) {
        if (ids.has(id)) continue;
        told.delete(id);
        yield { event: 'removed', data: { id } };
      }
      if (isFirst) yield { event: 'complete', data: { servers: current.length } };
      isFirst = false;
      await bell.rung(lookAgainMs);
      await pause(clock, gatherMs, signal);
    }
  } finally {
    unsubscribe();
    bell.dispose();
  }
}
