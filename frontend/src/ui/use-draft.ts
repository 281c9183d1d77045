// What a person has typed and not saved yet: it outlives the page, so that a look elsewhere in the app costs nothing.
import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useUnsavedOnClose } from './use-unsaved.ts';

/** All drafts stand under this key: signing out clears them with everything else that the app remembers. */
const ROOT = 'draft';

/**
 * @param place what is being edited, such as `[serverId, 'agents', agentId, 'files', name]`
 * @returns the draft, null when there is none, and what keeps another one, null to forget it; a function is given the one that there is
 */
export function useDraft<T extends object | string>(
  place: readonly string[],
): [T | null, (draft: T | null | ((current: T | null) => T | null)) => void] {
  const queries = useQueryClient();
  const queryKey = [ROOT, ...place];
  const { data } = useQuery<T | null>({
    queryKey,
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return [
    data ?? null,
    (draft) =>
      queries.setQueryData<T | null>(queryKey, (current) =>
        typeof draft === 'function' ? draft(current ?? null) : draft,
      ),
  ];
}

/** Asks before the app is closed while any page of it has a draft. */
export function useUnsavedDrafts(): void {
  const cache = useQueryClient().getQueryCache();
  useUnsavedOnClose(
    useSyncExternalStore(
      (onChange) => cache.subscribe(onChange),
      () => cache.findAll({ queryKey: [ROOT] }).some(({ state }) => (state.data ?? null) !== null),
    ),
  );
}
