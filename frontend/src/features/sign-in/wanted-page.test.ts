import { expect, it } from 'vitest';
import { codeIn, createWantedPage } from './wanted-page.ts';

const HOUR_MS = 3_600_000;

/** A storage that tabs share. */
function sharedStorage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** A tab that was opened at an address. */
function tabAt(address: string, storage: ReturnType<typeof sharedStorage> | null, now = () => 0) {
  const location = new URL(address, 'https://buoy.example');
  const history = {
    replaceState: (_state: unknown, _title: string, next: string) => {
      location.href = new URL(next, location).href;
    },
  };
  const page = { location, history } as unknown as Window;
  return {
    address: () => location.href.replace(location.origin, ''),
    wanted: createWantedPage(page, storage, now),
  };
}

it('removes the page’s code from the address bar and keeps it for its page only', () => {
  const tab = tabAt('/invite#code=abc_DEF-123', sharedStorage());
  tab.wanted.arrive();
  expect(tab.address()).toBe('/invite');
  expect(tab.wanted.codeFor('/invite')).toBe('abc_DEF-123');
  expect(tab.wanted.codeFor('/device')).toBeNull();
});

it('finds the wanted page in another tab after sign-in', () => {
  const storage = sharedStorage();
  tabAt('/device#code=ABCD-EFGH', storage).wanted.arrive();
  const other = tabAt('/sign-in', storage).wanted;
  expect(other.path()).toBe('/device');
  expect(other.codeFor('/device')).toBe('ABCD-EFGH');
});

it('forgets the wanted page after an hour, after navigation, and once it is handled', () => {
  let time = 0;
  const storage = sharedStorage();
  const { wanted } = tabAt('/invite#code=abc', storage, () => time);
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
  const storage = sharedStorage();
  const other = tabAt('/', storage).wanted;
  const { wanted } = tabAt('/invite#code=abc', storage);
  wanted.arrive();
  other.visited('/servers/new');
  expect(storage.kept.size).toBe(1);
  other.forget();
  expect(wanted.codeFor('/invite')).toBe('abc');
});

it('remembers the wanted page within a tab without browser storage', () => {
  const { wanted } = tabAt('/invite#code=abc', null);
  wanted.arrive();
  expect(wanted.codeFor('/invite')).toBe('abc');
});

it('notifies pages of a new code', () => {
  const { wanted } = tabAt('/device', sharedStorage());
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
    const storage = sharedStorage();
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
