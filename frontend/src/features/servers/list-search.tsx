// The search field of the server list, with tag chips.
import { useDeferredValue, useEffect, useState, useSyncExternalStore } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass } from '../../ui/field.tsx';
import { homeTexts } from './home-texts.ts';
import { emptySearch, keepSearch, readSearch, searchStorage } from './kept-search.ts';
import type { Search } from './server-order.ts';

/** `typed` is what the field shows, `search` what the list is filtered by: the list may lag behind the typing, the field never. */
export type ListSearch = {
  typed: Search;
  search: Search;
  change(search: Search): void;
  reset(): void;
};

export function useListSearch(): ListSearch {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.state);
  const userId = state.phase === 'signed-in' ? state.user.id : '';
  const [typed, setTyped] = useState(() => readSearch(searchStorage(), userId));
  useEffect(() => keepSearch(searchStorage(), userId, typed), [typed, userId]);
  return {
    typed,
    search: useDeferredValue(typed),
    change: setTyped,
    reset: () => setTyped(emptySearch),
  };
}

/** @param tags all that there are; chosen ones that are gone stay to be unchosen */
export function SearchFields({ search, tags }: { search: ListSearch; tags: readonly string[] }) {
  const t = useTexts(homeTexts);
  const { typed, change } = search;
  const offered = [...new Set([...tags, ...typed.tags])];
  return (
    <div className="mb-3 space-y-2">
      <input
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        value={typed.search}
        onChange={(event) => change({ ...typed, search: event.target.value })}
        className={controlClass}
      />
      {offered.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot scroll sideways
        <div
          role="group"
          aria-label={t.tags}
          className="-mx-4 flex gap-2 overflow-x-auto px-4 py-0.5 [scrollbar-width:none] lg:mx-0 lg:flex-wrap lg:px-0"
        >
          {offered.map((tag) => {
            const isChosen = typed.tags.includes(tag);
            return (
              <button
                key={tag}
                type="button"
                aria-pressed={isChosen}
                onClick={() =>
                  change({
                    ...typed,
                    tags: isChosen ? typed.tags.filter((other) => other !== tag) : [...typed.tags, tag],
                  })
                }
                className="min-h-11 shrink-0 rounded-full border border-edge bg-surface px-4 text-sm whitespace-nowrap text-muted hover:text-ink aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
              >
                {isChosen && <span aria-hidden="true">✓ </span>}
                {tag}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
