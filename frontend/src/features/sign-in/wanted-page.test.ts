import { describe, expect, it } from 'vitest';
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
    open(next: string) {
      location.href = new URL(next, location).href;
    },
    wanted: createWantedPage(page, storage, channel, now),
    close,
  };
}

it('removes the page’s code from the address bar and keeps it for its page only', () => {
  const tab = tabAt('/invite#code=abc_DEF-123', tabStorage());
  tab.wanted.start();
  expect(tab.address()).toBe('/invite');
  expect(tab.wanted.codeFor('/invite')).toBe('abc_DEF-123');
  expect(tab.wanted.codeFor('/device')).toBeNull();
});

it('finds the wanted page again after a reload of its tab', () => {
  const storage = tabStorage();
  tabAt('/device#code=ABCD-EFGH', storage).wanted.start();
  const { wanted } = tabAt('/sign-in', storage);
  wanted.start();
  expect(wanted.codeFor('/device')).toBe('ABCD-EFGH');
});

it('finds the wanted page of an open tab in the one where the person signs in', () => {
  const tabs = browser();
  tabAt('/device#code=ABCD-EFGH', tabStorage(), { tabs }).wanted.start();
  const other = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  other.start();
  expect(other.path()).toBe('/device');
  expect(other.codeFor('/device')).toBe('ABCD-EFGH');
});

it('does not lead the next person to the wanted page of a tab that was closed', () => {
  const tabs = browser();
  const first = tabAt('/invite#code=abc', tabStorage(), { tabs });
  first.wanted.start();
  first.close();
  const next = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  next.start();
  expect(next.path()).toBeNull();
});

it('takes no wanted page of another tab once it has gone to a page, and none in place of its own', () => {
  const tabs = browser();
  const used = tabAt('/', tabStorage(), { tabs }).wanted;
  used.start();
  used.visited('/');
  const own = tabAt('/device#code=ABCD-EFGH', tabStorage(), { tabs }).wanted;
  own.start();
  tabAt('/invite#code=abc', tabStorage(), { tabs }).wanted.start();
  tabAt('/sign-in', tabStorage(), { tabs }).wanted.start();
  // The fragment of its address has changed.
  used.arrive();
  expect(used.path()).toBeNull();
  expect(own.path()).toBe('/device');
});

it('takes the code of a link that is opened where its page already is', () => {
  const tab = tabAt('/invite', tabStorage());
  tab.wanted.start();
  tab.open('/invite#code=abc');
  tab.wanted.arrive();
  expect(tab.address()).toBe('/invite');
  expect(tab.wanted.codeFor('/invite')).toBe('abc');
});

describe('the next person in the same browser', () => {
  it('is not led to the wanted page of any tab after a sign-out in one of them', () => {
    const tabs = browser();
    const storage = tabStorage();
    const other = tabAt('/invite#code=abc', storage, { tabs }).wanted;
    other.start();
    const used = tabAt('/', tabStorage(), { tabs }).wanted;
    used.start();
    used.personIs('1');
    used.forgetEverywhere();
    expect(other.path()).toBeNull();
    expect(storage.kept.size).toBe(0);
    const next = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
    next.start();
    next.personIs('2');
    expect(next.path()).toBeNull();
  });

  it('does not get it by a sign-in that leads away and back, once the session of the person before has ended', () => {
    const storage = tabStorage();
    const before = tabAt('/device#code=ABCD-EFGH', storage).wanted;
    before.start();
    before.personIs('1');
    before.personIs(null);
    const back = tabAt('/sign-in', storage).wanted;
    back.start();
    expect(back.path()).toBeNull();
    back.personIs('2');
    expect(back.path()).toBeNull();
    expect(storage.kept.size).toBe(0);
  });

  it('does not get it from a tab of the person before', () => {
    const tabs = browser();
    const before = tabAt('/device#code=ABCD-EFGH', tabStorage(), { tabs }).wanted;
    before.start();
    before.personIs('1');
    const next = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
    next.start();
    next.personIs('2');
    expect(next.path()).toBeNull();
    expect(before.path()).toBe('/device');
  });

  it('gets what they came with themselves', () => {
    const { wanted } = tabAt('/', tabStorage());
    wanted.start();
    wanted.personIs('1');
    wanted.personIs(null);
    wanted.keep('/invite', 'abc');
    wanted.personIs('2');
    expect(wanted.codeFor('/invite')).toBe('abc');
  });
});

it('keeps the wanted page for the person whose session has ended', () => {
  const storage = tabStorage();
  const before = tabAt('/device#code=ABCD-EFGH', storage).wanted;
  before.start();
  before.personIs('1');
  const back = tabAt('/sign-in', storage).wanted;
  back.start();
  back.personIs('1');
  expect(back.codeFor('/device')).toBe('ABCD-EFGH');
});

it('forgets the wanted page after an hour, after navigation, and once it is handled', () => {
  let time = 0;
  const storage = tabStorage();
  const { wanted } = tabAt('/invite#code=abc', storage, { now: () => time });
  wanted.start();
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
  wanted.start();
  const other = tabAt('/sign-in', tabStorage(), { tabs }).wanted;
  other.start();
  other.visited('/servers/new');
  expect(other.path()).toBeNull();
  other.forget();
  expect(wanted.codeFor('/invite')).toBe('abc');
});

it('remembers the wanted page within a tab without browser storage', () => {
  const { wanted } = tabAt('/invite#code=abc', null);
  wanted.start();
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
