// The search of the server list, stored for this tab, so that it survives page changes and reloads.
import type { Search } from './server-order.ts';

type SearchStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Each person has a search of their own: the next one on this device must not see it. */
const placeOf = (userId: string) => `buoy.search.${userId}`;

export const emptySearch: Search = { search: '', tags: [] };

/** @param storage null where the browser keeps nothing */
export function readSearch(storage: Pick<SearchStorage, 'getItem'> | null, userId: string): Search {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(placeOf(userId)) ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('search' in kept) || !('tags' in kept))
      return emptySearch;
    const { search, tags } = kept;
    return typeof search === 'string' && Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
      ? { search, tags }
      : emptySearch;
  } catch {
    return emptySearch;
  }
}

export function keepSearch(storage: SearchStorage | null, userId: string, search: Search): void {
  try {
    if (search.search === '' && search.tags.length === 0) storage?.removeItem(placeOf(userId));
    else storage?.setItem(placeOf(userId), JSON.stringify(search));
  } catch {
    // The search works without storage, for example when it is full.
  }
}

/** null when browser storage is blocked: even reading it throws. */
export function searchStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
