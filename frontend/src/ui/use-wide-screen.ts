// Whether two panes fit side by side. What is not shown is not rendered either: a hidden list would still ask for servers.
import { useSyncExternalStore } from 'react';

/** As wide as Tailwind's `lg`. */
const QUERY = '(min-width: 64rem)';

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia(QUERY);
  media.addEventListener('change', onChange);
  return () => media.removeEventListener('change', onChange);
}

export function useWideScreen(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);
}
