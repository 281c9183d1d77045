// Distributes the events of all gateways to their readers, with one subscription for each gateway.
import type { Clock } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { RememberedEvents } from '../gateway/remembered-events.ts';
import { type Events, isForAdmins, type OpenclawEvent, type StreamEvent } from './events.ts';
import { createFeed, type Feed } from './feed.ts';
import { createTranslator } from './translate.ts';

/** Milliseconds for which the events of a server are collected after its last reader has left, for a reader who reconnects. */
const LINGER_MS = 120_000;
/** Milliseconds before a new stream says that it is still connecting. */
const FIRST_WORD_MS = 2_000;

type Held = { feed: Feed; readers: number; recount: () => void; stopLingering: () => void };

/** @param random 0 to 1, for the jitter of the back-off */
export function createEvents({
  gateways,
  remembered,
  clock,
  random = Math.random,
}: {
  gateways: Gateways;
  remembered: RememberedEvents;
  clock: Clock;
  random?: () => number;
}): Events {
  const listeners = new Set<(serverId: string, event: OpenclawEvent) => void>();
  const translators = new Map<string, ReturnType<typeof createTranslator>>();
  const held = new Map<string, Held>();
  const myTurn = createOneATurn();
  let closed = false;

  const stopEvents = gateways.onEvent((serverId, event) => {
    const entry = held.get(serverId);
    const feed = entry?.feed;
    if (feed === undefined && listeners.size === 0) return;
    if (event.event === 'shutdown') return feed?.onShutdown(event.payload);
    const translate = translators.get(serverId) ?? createTranslator();
    translators.set(serverId, translate);
    for (const told of translate(event)) {
      feed?.add(told);
      for (const listener of listeners) listener(serverId, told);
    }
    entry?.recount();
  });

  const stopStates = gateways.onStateChange((serverId, state) => {
    const feed = held.get(serverId)?.feed;
    if (state === 'connected') return feed?.onConnected();
    translators.delete(serverId);
    feed?.onDisconnected();
  });

  function enter(serverId: string): Held {
    let entry = held.get(serverId);
    if (entry === undefined) {
      const feed = createFeed({ serverId, gateways, clock, random });
      entry = { feed, readers: 0, recount: () => {}, stopLingering: () => {} };
      held.set(serverId, entry);
    }
    entry.stopLingering();
    entry.readers += 1;
    return entry;
  }

  /** @param forMs milliseconds for which the feed continues without readers */
  function leave(serverId: string, entry: Held, forMs: number): void {
    entry.readers -= 1;
    if (entry.readers > 0 || held.get(serverId) !== entry) return;
    const drop = () => {
      entry.stopLingering();
      entry.feed.close();
      held.delete(serverId);
    };
    if (forMs === 0) {
      drop();
      return;
    }
    const stopTimer = clock.after(forMs, drop);
    const kept = remembered.keep(serverId, entry.feed.ring.length, drop);
    entry.recount = kept.recount;
    entry.stopLingering = () => {
      stopTimer();
      kept.end();
    };
  }

  return {
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async *stream(serverId, { lastEventId, mayAct, signal }) {
      if (closed) return;
      const entry = enter(serverId);
      const { feed } = entry;
      const { ring } = feed;
      let isThere = true;
      try {
        const resumed = lastEventId === null ? null : ring.numberIn(lastEventId);
        isThere = await withTimeout(
          feed.first,
          { deadlineMs: FIRST_WORD_MS, signal },
          clock,
          deadlineError,
        ).catch(() => true);
        if (signal.aborted) return;
        let number = resumed ?? ring.last();
        yield {
          event: 'gateway',
          data: feed.gateway() ?? {
            state: 'disconnected',
            version: null,
            message: 'Buoy is connecting to the gateway.',
          },
          id: ring.idOf(number),
        };
        if (lastEventId !== null && resumed === null) yield missed('too_old', number);
        if (!isThere) return;
        while (!signal.aborted && !closed) {
          // Each event is validated and serialized again for each reader.
          await myTurn();
          const next = ring.after(number);
          if (next === null) {
            await feed.more(signal);
          } else if (next === 'lost') {
            const isReturning = number === resumed;
            number = ring.last();
            yield missed(isReturning ? 'too_old' : 'too_slow', number);
          } else {
            number = next.number;
            if (isForAdmins(next.value.event) && !(await mayAct())) continue;
            yield { ...next.value, id: ring.idOf(number) } as StreamEvent;
          }
        }
      } finally {
        // No retries for an unreachable server without readers.
        leave(serverId, entry, isThere ? LINGER_MS : 0);
      }

      function missed(reason: 'too_old' | 'too_slow', at: number): StreamEvent {
        return { event: 'missed', data: { reason }, id: ring.idOf(at) };
      }
    },

    close() {
      closed = true;
      stopEvents();
      stopStates();
      for (const { feed, stopLingering } of held.values()) {
        stopLingering();
        feed.close();
      }
      held.clear();
    },
  };
}
