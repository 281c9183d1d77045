// Queries about alerts, their intervals and cache keys.
import type { Alert } from '@buoy/contract';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds between two polls while the page is visible. */
const LIST_INTERVAL_MS = 20_000;
const UNREAD_INTERVAL_MS = 60_000;
/** Unresolved alerts come first, and they all fit the first page. */
const PAGE_SIZE = 100;

/** Of every question about alerts: an act on one of them changes the answers of all. */
export const ALERTS = 'alerts';

export function alertsQuery(api: Api, serverId: string | null) {
  return infiniteQueryOptions({
    queryKey: [ALERTS, 'list', serverId],
    queryFn: ({ pageParam, signal }) =>
      api.call('GET /alerts', {
        query: { serverId: serverId ?? undefined, limit: PAGE_SIZE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: LIST_INTERVAL_MS,
  });
}

/** All notes on an alert, read again when the list of alerts says that there are more or fewer. */
export function notesQuery(api: Api, { id, noteCount }: Pick<Alert, 'id' | 'noteCount'>) {
  return queryOptions({
    queryKey: [ALERTS, 'notes', id, noteCount],
    queryFn: ({ signal }) =>
      api.call('GET /alerts/:id/notes', { params: { id }, query: { limit: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** How many alerts are neither over nor read by this person. */
export function unreadQuery(api: Api) {
  return queryOptions({
    queryKey: [ALERTS, 'unread'],
    queryFn: async ({ signal }) => (await api.call('GET /alerts', { query: { limit: 1 }, signal })).unread,
    refetchInterval: UNREAD_INTERVAL_MS,
  });
}
