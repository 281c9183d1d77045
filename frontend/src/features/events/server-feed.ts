// State of a server page's event stream: listeners, connection and gateway.
import type { Api } from '../../api.ts';
import { followEvents } from './follow-events.ts';
import type { StreamState } from './follow-stream.ts';
import { createPause } from './pause.ts';
import type { ServerEvent } from './server-event.ts';

export type Gateway = Extract<ServerEvent, { event: 'gateway' }>['data'];

export type ServerFeed = {
  /** Opens the stream where it was left; gives what closes it. */
  open(): () => void;
  /** Does not wait for the next try. */
  tryNow(): void;
  onEvent(listener: (event: ServerEvent) => void): () => void;
  /** For `link` and `gateway`. */
  subscribe(onChange: () => void): () => void;
  state(): StreamState;
  /** What the stream said last of the way to the gateway; null before its first word. */
  gateway(): Gateway | null;
};

export function createServerFeed(api: Api, serverId: string): ServerFeed {
  const listeners = new Set<(event: ServerEvent) => void>();
  const watchers = new Set<() => void>();
  let state: StreamState = { state: 'connecting' };
  let gateway: Gateway | null = null;
  let lastEventId: string | null = null;
  const pause = createPause();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };

  return {
    open() {
      const leave = new AbortController();
      void followEvents(api, serverId, {
        lastEventId,
        signal: leave.signal,
        onEvent(event, id) {
          lastEventId = id;
          if (event.event === 'gateway') {
            gateway = event.data;
            notify();
          }
          // While the gateway is away there is nothing to be read again; when it is back, `connected` says so.
          if (event.event === 'missed' && gateway?.state !== 'connected') return;
          for (const listener of [...listeners]) listener(event);
        },
        onState(next) {
          state = next;
          notify();
        },
        wait: pause.wait,
      });
      return () => leave.abort();
    },
    tryNow: pause.end,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    subscribe(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
    state: () => state,
    gateway: () => gateway,
  };
}
