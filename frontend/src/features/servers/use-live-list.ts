// Keeps the list stream open while the first page is visible.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useServices } from '../../services.ts';
import { createPause } from '../events/pause.ts';
import { usePageIsSeen } from '../events/use-page-is-seen.ts';
import { followList } from './live-list.ts';
import { serversQuery } from './server-queries.ts';

/** Milliseconds; people go to another tab and come back. */
const HIDDEN_MS = 60_000;

/** @returns whether the list of `serversQuery` is kept up to date by Buoy itself: it need not be asked for then */
export function useLiveList(): boolean {
  const { api } = useServices();
  const queries = useQueryClient();
  const isSeen = usePageIsSeen(HIDDEN_MS);
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (!isSeen) return;
    const leave = new AbortController();
    const pause = createPause();
    const { queryKey } = serversQuery(api);
    void followList(api, {
      change: (newer) => void queries.setQueryData(queryKey, newer),
      onLive: setLive,
      wait: pause.wait,
      signal: leave.signal,
    });
    window.addEventListener('online', pause.end);
    return () => {
      window.removeEventListener('online', pause.end);
      leave.abort();
    };
  }, [api, queries, isSeen]);
  return isLive;
}
