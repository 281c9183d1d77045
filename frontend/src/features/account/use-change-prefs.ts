// Applies a preference change on the page at once, and reverts it when Buoy refuses it.
import type { Contract, NotificationPrefs, RequestOf } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { prefsQuery } from './account-queries.ts';

export type Prefs = NotificationPrefs;
type Change = RequestOf<Contract['PUT /me/notification-prefs']>['body'];

export function useChangePrefs(): {
  send: (change: Change) => void;
  problem: Error | null;
  isSaved: boolean;
} {
  const { api } = useServices();
  const queries = useQueryClient();
  const { queryKey } = prefsQuery(api);
  const { mutate, error, isSuccess } = useMutation({
    // One after the other: a second switch must not be overtaken by the first.
    scope: { id: 'notification-prefs' },
    mutationFn: (change: Change) => api.call('PUT /me/notification-prefs', { body: change }),
    onMutate: async (change) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(
        queryKey,
        (known) => known && { ...known, notificationPrefs: changedPrefs(known.notificationPrefs, change) },
      );
    },
    onSuccess: (answer) => {
      // The answer to this change must not undo pending changes on the page.
      if (queries.isMutating({ mutationKey: queryKey }) <= 1) queries.setQueryData(queryKey, answer);
    },
    onError: () => queries.invalidateQueries({ queryKey }),
    mutationKey: queryKey,
  });
  return { send: mutate, problem: error, isSaved: isSuccess };
}

/** What the page shows until Buoy has answered. */
export function changedPrefs(prefs: Prefs, { quietHours, ...change }: Change): Prefs {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...prefs, ...given, quietHours: { ...prefs.quietHours, ...quietHours } as Prefs['quietHours'] };
}
