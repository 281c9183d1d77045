// Applies a change of a notification channel on the page at once, and reverts it when Buoy refuses it.
import type { Contract, NotificationChannel, RequestOf } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { notificationChannelsQuery, refetchChannels } from './channel-queries.ts';

type Change = RequestOf<Contract['PUT /me/notification-channels/:id']>['body'];

export function useChangeChannel(id: string): { send: (change: Change) => void; problem: Error | null } {
  const { api } = useServices();
  const queries = useQueryClient();
  const { queryKey } = notificationChannelsQuery(api);
  const { mutate, error } = useMutation({
    // One after the other: a second switch must not be overtaken by the first.
    scope: { id: 'notification-channels' },
    mutationKey: queryKey,
    mutationFn: (change: Change) =>
      api.call('PUT /me/notification-channels/:id', { params: { id }, body: change }),
    onMutate: async (change) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(
        queryKey,
        (known) => known && { ...known, channels: changedChannels(known.channels, id, change) },
      );
    },
    // An answer must not undo pending changes on the page. Whether the person can be reached, only Buoy says.
    onSettled: async () => {
      if (queries.isMutating({ mutationKey: queryKey }) <= 1) await refetchChannels(queries);
    },
  });
  return { send: mutate, problem: error };
}

/** What the page shows until Buoy has answered. */
export function changedChannels(
  channels: readonly NotificationChannel[],
  id: string,
  change: Change,
): NotificationChannel[] {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return channels.map((channel) => (channel.id === id ? { ...channel, ...given } : channel));
}
