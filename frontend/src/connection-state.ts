// Whether Buoy is reachable: derived from the answers to all pages and from the browser's online state.
import { ApiError } from '@buoy/contract/client';
import type { QueryCache } from '@tanstack/react-query';

export type Connection = {
  /** `offline`: the browser has no network. `silent`: Buoy did not answer the last question. */
  state: 'reached' | 'offline' | 'silent';
  /** When Buoy last answered, ISO 8601; null: not since the app was opened. */
  answeredAt: string | null;
};

export type ConnectionState = {
  connection(): Connection;
  subscribe(onChange: () => void): () => void;
};

type Online = Pick<Window, 'addEventListener' | 'removeEventListener'> & {
  navigator: Pick<Navigator, 'onLine'>;
};

/** @param page says when the network goes and comes */
export function createConnectionState(cache: Pick<QueryCache, 'subscribe'>, page: Online): ConnectionState {
  const listeners = new Set<() => void>();
  let isSilent = false;
  let answeredAt: string | null = null;
  let connection: Connection = { state: page.navigator.onLine ? 'reached' : 'offline', answeredAt };

  const notify = () => {
    const state = !page.navigator.onLine ? 'offline' : isSilent ? 'silent' : 'reached';
    // The time of the last answer matters only while Buoy does not answer.
    if (state === connection.state && (state === 'reached' || connection.answeredAt === answeredAt)) return;
    connection = { state, answeredAt };
    for (const listener of listeners) listener();
  };
  const onAnswer = (at: number) => {
    isSilent = false;
    answeredAt = new Date(at).toISOString();
    notify();
  };

  let stop: (() => void) | null = null;
  const start = () => {
    const leaveCache = cache.subscribe((event) => {
      if (event.type !== 'updated') return;
      const { action, query } = event;
      if (action.type === 'success' && action.manual !== true) onAnswer(query.state.dataUpdatedAt);
      // A question that is still asked once more has failed already.
      if (action.type !== 'error' && action.type !== 'failed') return;
      if (action.error instanceof ApiError && action.error.status !== 0) return onAnswer(Date.now());
      isSilent = action.error instanceof ApiError;
      notify();
    });
    page.addEventListener('online', notify);
    page.addEventListener('offline', notify);
    stop = () => {
      leaveCache();
      page.removeEventListener('online', notify);
      page.removeEventListener('offline', notify);
    };
  };

  return {
    connection: () => connection,
    subscribe(onChange) {
      listeners.add(onChange);
      if (stop === null) start();
      return () => {
        listeners.delete(onChange);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
      };
    },
  };
}
