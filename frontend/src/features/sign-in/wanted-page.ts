// The page that a person was sent to with a code, kept while they sign in, which may happen in another tab: /device#code=… and /invite#code=….
// The code leaves the address bar at once, so that it is neither in the history nor in what one copies from there.

/** The pages that links with codes lead to. */
export type PageWithCode = '/device' | '/invite';

/** Milliseconds; who needs longer to sign in opens the link again. */
const KEPT_FOR_MS = 3_600_000;
const STORED_AS = 'buoy.wanted';

export type WantedPage = {
  /** Takes a code out of the address bar, when there is one. */
  arrive(): void;
  /** Where a person wants to go; null: nowhere in particular. */
  path(): PageWithCode | null;
  codeFor(path: PageWithCode): string | null;
  keep(path: PageWithCode, code: string): void;
  forget(): void;
  /** The person has gone to this page: what this tab kept for another one is forgotten. */
  visited(path: string): void;
  subscribe(onChange: () => void): () => void;
};

type Wanted = { path: PageWithCode; code: string; until: number };

/**
 * @param page whose address bar it is
 * @param storage shared by the tabs; null where the browser keeps nothing: the tab then remembers by itself alone
 */
export function createWantedPage(
  page: Pick<Window, 'location' | 'history'>,
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  now: () => number = Date.now,
): WantedPage {
  const listeners = new Set<() => void>();
  /** What this tab knows of, so that no other tab takes it away while it is shown. */
  let own: Wanted | null = null;

  const set = (next: Wanted | null): void => {
    own = next;
    if (next === null) storage?.removeItem(STORED_AS);
    else storage?.setItem(STORED_AS, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  const wanted = (): Wanted | null => {
    own ??= parseWanted(storage?.getItem(STORED_AS) ?? null);
    return own !== null && own.until > now() ? own : null;
  };
  const keep = (path: PageWithCode, code: string): void => set({ path, code, until: now() + KEPT_FOR_MS });

  return {
    arrive() {
      const found = codeIn(page.location);
      if (found === null) return;
      page.history.replaceState(null, '', `${found.path}${found.rest}`);
      keep(found.path, found.code);
    },
    path: () => wanted()?.path ?? null,
    codeFor(path) {
      const kept = wanted();
      return kept?.path === path ? kept.code : null;
    },
    keep,
    forget: () => set(null),
    visited(path) {
      if (own !== null && own.path !== path) set(null);
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

/** @returns the code at the start of the fragment, and the fragment without it: Telegram puts its own parameters behind */
export function codeIn(location: {
  pathname: string;
  hash: string;
}): { path: PageWithCode; code: string; rest: string } | null {
  const path = pageWithCode(location.pathname);
  const [, code = '', rest = ''] = /^#code=([^&?]+)[&?]?(.*)$/.exec(location.hash) ?? [];
  if (path === undefined || code === '') return null;
  return { path, code: decoded(code), rest: rest === '' ? '' : `#${rest}` };
}

function pageWithCode(path: unknown): PageWithCode | undefined {
  return path === '/device' || path === '/invite' ? path : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseWanted(json: string | null): Wanted | null {
  try {
    const value: unknown = JSON.parse(json ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    const { path, code, until } = value as Partial<Record<string, unknown>>;
    const known = pageWithCode(path);
    return known !== undefined && typeof code === 'string' && typeof until === 'number'
      ? { path: known, code, until }
      : null;
  } catch {
    return null;
  }
}
