// The page that a person was sent to with a code, kept while they sign in, which may happen in another tab: /device#code=… and /invite#code=….
// The code leaves the address bar at once, so that it is neither in the history nor in what one copies from there. It lives as long as its tab: a
// new tab asks the open ones for it, so that a browser keeps nothing for the person who comes next.

/** The pages that links with codes lead to. */
export type PageWithCode = '/device' | '/invite';

/** Milliseconds; who needs longer to sign in opens the link again. */
const KEPT_FOR_MS = 3_600_000;
const STORED_AS = 'buoy.wanted';
/** Asks the other tabs of the browser. */
const QUESTION = 'wanted?';
/** Tells the other tabs that the person has signed out. */
const SIGNED_OUT = 'signed out';

export type WantedPage = {
  /** Takes a code out of the address bar; where there is none, of a tab that has one. */
  start(): void;
  /** Takes a code out of the address bar, which has changed. */
  arrive(): void;
  /** Who is signed in here by now: what is kept is theirs alone, and gone when another person comes. null: nobody */
  personIs(id: string | null): void;
  /** Where the person wants to go; null: nowhere in particular. */
  path(): PageWithCode | null;
  codeFor(path: PageWithCode): string | null;
  keep(path: PageWithCode, code: string): void;
  forget(): void;
  /** In all tabs of the browser. */
  forgetEverywhere(): void;
  /** The person has gone to this page: what this tab kept for another one is forgotten. */
  visited(path: string): void;
  subscribe(onChange: () => void): () => void;
};

/** `personId`: whose it is; null: of the next one who signs in. */
type Wanted = { path: PageWithCode; code: string; until: number; personId: string | null };

/** What a tab says the others hear: a BroadcastChannel. */
export type TabsChannel = {
  postMessage(message: unknown): void;
  addEventListener(name: 'message', listener: (event: { data: unknown }) => void): void;
};

/**
 * @param page whose address bar it is
 * @param storage of this tab; null where the browser keeps nothing: it is forgotten at a reload then
 * @param tabs of the same browser; null where they cannot hear each other
 */
export function createWantedPage(
  page: Pick<Window, 'location' | 'history'>,
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  tabs: TabsChannel | null,
  now: () => number = Date.now,
): WantedPage {
  const listeners = new Set<() => void>();
  let own: Wanted | null = null;
  let personId: string | null = null;
  let isAsking = false;

  const set = (next: Wanted | null): void => {
    own = next;
    isAsking = false;
    if (next === null) storage?.removeItem(STORED_AS);
    else storage?.setItem(STORED_AS, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  const kept = (): Wanted | null => {
    own ??= parseJson(storage?.getItem(STORED_AS) ?? null);
    return own !== null && own.until > now() ? own : null;
  };
  const wanted = (): Wanted | null => {
    const one = kept();
    return one === null || one.personId === null || one.personId === personId ? one : null;
  };
  const keep = (path: PageWithCode, code: string): void =>
    set({ path, code, until: now() + KEPT_FOR_MS, personId });
  const claim = (): void => {
    const one = kept();
    if (personId === null || one === null || one.personId === personId) return;
    set(one.personId === null ? { ...one, personId } : null);
  };
  /** @returns whether there was a code */
  const takeCode = (): boolean => {
    const found = codeIn(page.location);
    if (found === null) return false;
    page.history.replaceState(null, '', `${found.path}${found.rest}`);
    keep(found.path, found.code);
    return true;
  };

  tabs?.addEventListener('message', ({ data }) => {
    if (data === SIGNED_OUT) set(null);
    const mine = wanted();
    if (data === QUESTION && mine !== null) tabs.postMessage(mine);
    const told = wantedIn(data);
    if (!isAsking || told === null) return;
    set(told);
    claim();
  });

  return {
    start() {
      if (takeCode()) return;
      isAsking = kept() === null;
      if (isAsking) tabs?.postMessage(QUESTION);
    },
    arrive: () => void takeCode(),
    personIs(id) {
      personId = id;
      claim();
    },
    path: () => wanted()?.path ?? null,
    codeFor(path) {
      const one = wanted();
      return one?.path === path ? one.code : null;
    },
    keep,
    forget: () => set(null),
    forgetEverywhere() {
      set(null);
      tabs?.postMessage(SIGNED_OUT);
    },
    visited(path) {
      isAsking = false;
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

function parseJson(json: string | null): Wanted | null {
  try {
    return wantedIn(JSON.parse(json ?? 'null'));
  } catch {
    return null;
  }
}

function wantedIn(value: unknown): Wanted | null {
  if (typeof value !== 'object' || value === null) return null;
  const { path, code, until, personId } = value as Partial<Record<string, unknown>>;
  const known = pageWithCode(path);
  return known !== undefined && typeof code === 'string' && typeof until === 'number'
    ? { path: known, code, until, personId: typeof personId === 'string' ? personId : null }
    : null;
}
