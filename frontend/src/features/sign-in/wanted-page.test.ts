import { expect, it } from 'vitest';
import { codeIn, createWantedPage } from './wanted-page.ts';

const HOUR_MS = 3_600_000;

/** What a tab keeps over a reload. */
function tabStorage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** The open tabs of a browser: what one says, the others hear. */
function browser() {
  const open = new Set<(event: { data: unknown }) => void>();
  return {
    /** @returns what connects one more tab, and what closes it */
    openTab() {
      const own = new Set<(event: { data: unknown }) => void>();
      const hears = (event: { data: unknown }) => {
        for (const listener of own) listener(event);
      };
      open.add(hears);
      return {
        channel: {
          postMessage(data: unknown) {
            for (const tab of open) if (tab !== hears) tab({ data: structuredClone(data) });
          },
          addEventListener: (_name: 'message', listener: (event: { data: unknown }) => void) =>
            void own.add(listener),
        },
        close: () => void open.delete(hears),
      };
    },
  };
}

/** A tab that was opened at an address. */
function tabAt(
  address: string,
  storage: ReturnType<typeof tabStorage> | null,
  { now = () => 0, tabs = browser() }: { now?: () => number; tabs?: ReturnType<typeof browser> } = {},
) {
  const location = new URL(address, 'https://buoy.example');
  const history = {
    replaceState: (_state: unknown, _title: string, next: string) => {
      location.href = new URL(next, location).href;
    },
  };
  const page = { location, history } as unknown as Window;
  const { channel, close } = tabs.openTab();
  return {
    address: () => location.href.replace(location.origin, ''),
    wanted: createWantedPage(page, storage, channel, now),
    close,
  };
}

it('removes the page’s code from the address bar and keeps it for its page only', () => {
  const tab = tabAt('/invite#code=abc_DEF-123', tabStorage());
  tab.wanted.arrive();
  expect(tab.address()).toBe('/invite');
  expect(tab.wanted.codeFor('/invite')).toBe('abc_DEF-123');
  expect(tab.wanted.codeFor('/device')).toBeNull();
});

it('finds the wanted page again after a reload of its tab', () => {
  const storage = tabStorage();
  tabAt('/device#code=ABCD-EFGH', storage).wanted.arrive();
  const { wanted } = tabAt('/sign-in', storage);
  wanted.arrive();
  expect(wanted.codeFor('/device')).toBe('ABCD-EFGH');
});

it('finds the wanted page of an open tab in the one where the person signs in', () => {
  const tabs = browser();
  tabAt('/device#code=ABCD-EFGH', tabStorage(), { tabs }).wanted.arrive();
  const other = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  other.arrive();
  expect(other.path()).toBe('/device');
  expect(other.codeFor('/device')).toBe('ABCD-EFGH');
});

it('does not lead the next person to the wanted page of a tab that was closed', () => {
  const tabs = browser();
  const first = tabAt('/invite#code=abc', tabStorage(), { tabs });
  first.wanted.arrive();
  first.close();
  const next = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  next.arrive();
  expect(next.path()).toBeNull();
});

it('takes no wanted page of another tab once it has gone to a page, and none in place of its own', () => {
  const tabs = browser();
  const used = tabAt('/', tabStorage(), { tabs }).wanted;
  used.arrive();
  used.visited('/');
  const own = tabAt('/device#code=ABCD-EFGH', tabStorage(), { tabs }).wanted;
  own.arrive();
  tabAt('/invite#code=abc', tabStorage(), { tabs }).wanted.arrive();
  tabAt('/sign-in', tabStorage(), { tabs }).wanted.arrive();
  expect(used.path()).toBeNull();
  expect(own.path()).toBe('/device');
});

it('forgets the wanted page after an hour, after navigation, and once it is handled', () => {
  let time = 0;
  const storage = tabStorage();
  const { wanted } = tabAt('/invite#code=abc', storage, { now: () => time });
  wanted.arrive();
  wanted.visited('/invite');
  time = HOUR_MS - 1;
  expect(wanted.path()).toBe('/invite');
  time = HOUR_MS;
  expect(wanted.path()).toBeNull();
  expect(wanted.codeFor('/invite')).toBeNull();

  time = 0;
  wanted.visited('/');
  expect(storage.kept.size).toBe(0);

  wanted.keep('/device', 'ABCD-EFGH');
  wanted.forget();
  expect(storage.kept.size).toBe(0);
});

it('keeps the wanted page of a tab while another tab navigates', () => {
  const tabs = browser();
  const { wanted } = tabAt('/invite#code=abc', tabStorage(), { tabs });
  wanted.arrive();
  const other = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  other.arrive();
  other.visited('/servers/new');
  expect(other.path()).toBeNull();
  other.forget();
  expect(wanted.codeFor('/invite')).toBe('abc');
});

it('remembers the wanted page within a tab without browser storage', () => {
  const { wanted } = tabAt('/invite#code=abc', null);
  wanted.arrive();
  expect(wanted.codeFor('/invite')).toBe('abc');
});

it('notifies pages of a new code', () => {
  const { wanted } = tabAt('/device', tabStorage());
  const seen: (string | null)[] = [];
  const stop = wanted.subscribe(() => seen.push(wanted.codeFor('/device')));
  wanted.keep('/device', 'ABCD-EFGH');
  wanted.forget();
  stop();
  wanted.keep('/device', 'JKLM-NPQR');
  expect(seen).toEqual(['ABCD-EFGH', null]);
});

it.each(['not json', 'null', '{}', '{"path":"/servers/new","code":"x","until":9e15}', '{"path":"/device"}'])(
  'passes over %s where a wanted page should be kept',
  (text) => {
    const storage = tabStorage();
    storage.setItem('buoy.wanted', text);
    expect(tabAt('/', storage).wanted.path()).toBeNull();
  },
);

it('keeps Telegram’s fragment parameters', () => {
  expect(codeIn({ pathname: '/invite', hash: '#code=abc&tgWebAppData=x%3Dy&tgWebAppVersion=9.1' })).toEqual({
    path: '/invite',
    code: 'abc',
    rest: '#tgWebAppData=x%3Dy&tgWebAppVersion=9.1',
  });
  expect(codeIn({ pathname: '/invite', hash: '#code=abc?tgWebAppData=x' })?.rest).toBe('#tgWebAppData=x');
});

it.each([
  ['/', '#code=abc'],
  ['/sign-in', '#code=abc'],
  ['/device', ''],
  ['/device', '#code='],
  ['/device', '#tgWebAppData=code=abc'],
])('finds no code in %s%s', (pathname, hash) => {
  expect(codeIn({ pathname, hash })).toBeNull();
});

it('decodes an encoded code, and keeps a badly encoded one', () => {
  expect(codeIn({ pathname: '/device', hash: '#code=ABCD%20EFGH' })?.code).toBe('ABCD EFGH');
  expect(codeIn({ pathname: '/device', hash: '#code=%E0%A4%A' })?.code).toBe('%E0%A4%A');
});
