// The query about where the person's notifications go.
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../api.ts';

/** Milliseconds; a channel starts to fail, or is changed on another device, while the page is open. */
const POLL_MS = 30_000;

export const NOTIFICATION_CHANNELS = ['account', 'notification-channels'] as const;

export function notificationChannelsQuery(api: Api) {
  return queryOptions({
    queryKey: [...NOTIFICATION_CHANNELS, 'list'],
    queryFn: ({ signal }) => api.call('GET /me/notification-channels', { signal }),
    refetchInterval: POLL_MS,
  });
}

/** A channel was added, changed, tested or removed. */
export function refetchChannels(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: NOTIFICATION_CHANNELS });
}
