// Unsaved input. It is kept outside of the page, so that switching pages loses nothing.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useUnsavedOnClose } from './use-unsaved.ts';

/** All drafts stand under this key: signing out clears them with everything else that the app remembers. */
const ROOT = 'draft';

/**
 * @param place what is being edited, such as `[serverId, 'agents', agentId, 'files', name]`
 * @returns the draft, null when there is none, and what keeps another one, null to forget it; a function is given the one that there is
 */
export function useDraft<T extends object | string>(
  draftKey: readonly string[],
): [T | null, (draft: T | null | ((current: T | null) => T | null)) => void] {
  const queries = useQueryClient();
  const queryKey = [ROOT, ...draftKey];
  const cache = queries.getQueryCache();
  // The cache calls back at once, where a query's own result comes a moment later: a field would lose the place of the cursor.
  const draft = useSyncExternalStore(
    (onChange) => cache.subscribe(onChange),
    () => queries.getQueryData<T | null>(queryKey) ?? null,
  );
  return [
    draft,
    (next) => {
      queries.setQueryDefaults([ROOT], { gcTime: Number.POSITIVE_INFINITY });
      queries.setQueryData<T | null>(queryKey, (current) =>
        typeof next === 'function' ? next(current ?? null) : next,
      );
    },
  ];
}

/** What they were about is gone: nothing of it can be saved any more. @param place the drafts of all places below it */
export function forgetDrafts(queries: QueryClient, draftKey: readonly string[]): void {
  queries.removeQueries({ queryKey: [ROOT, ...draftKey] });
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
