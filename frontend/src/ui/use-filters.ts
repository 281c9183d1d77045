// List filters in the address bar, so that reload, back and links keep them.
import { useState } from 'react';

/**
 * @param names of the filters, as they stand in the address
 * @returns their values, empty where nothing is wanted, and what changes some of them
 */
export function useFilters<K extends string>(
  names: readonly K[],
): [Readonly<Record<K, string>>, (change: Partial<Record<K, string>>) => void] {
  const [filters, setFilters] = useState(() => {
    const search = new URLSearchParams(window.location.search);
    return Object.fromEntries(names.map((name) => [name, search.get(name) ?? ''])) as Record<K, string>;
  });
  return [
    filters,
    (change) => {
      const next = { ...filters, ...change };
      setFilters(next);
      const wanted = Object.entries<string>(next).filter(([, value]) => value !== '');
      const search = wanted.length === 0 ? '' : `?${new URLSearchParams(wanted)}`;
      const { pathname, hash } = window.location;
      window.history.replaceState(window.history.state, '', `${pathname}${search}${hash}`);
    },
  ];
}
