// What the edge lets in: hosts, login names, tags and texts as people, scanners and attackers type them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contract } from './index.ts';
import { id, idParams, limit, line, name, text, time } from './scalars.ts';
import { newServer, serverChange } from './servers.ts';

const base = {
  name: 'web',
  host: 'web.example.org',
  username: 'deploy',
  authType: 'password',
  password: 'x',
};
const takes = (change: object): boolean => newServer.safeParse({ ...base, ...change }).success;
/** The paths that are complained about. */
const complaints = (change: object): string[] =>
  newServer.safeParse({ ...base, ...change }).error?.issues.map((issue) => issue.path.join('.')) ?? [];

describe('a host', () => {
  test.each([
    'web',
    'web-1.example.org',
    'web.example.org.',
    'a_b.internal',
    '_dmarc.example.org',
    'xn--bcher-kva.example',
    '127.0.0.1',
    '1.2.3',
    '::1',
    '2001:db8::1',
    'fe80::1%eth0',
    '::ffff:192.0.2.1',
    'h',
    'x'.repeat(253),
  ])('%s is taken', (host) => {
    expect(complaints({ host })).toEqual([]);
  });

  test.each([
    '',
    ' ',
    '-oProxyCommand=touch /tmp/x',
    '-oProxyCommand=id',
    '-p22',
    '--',
    'web example',
    ' web',
    'web ',
    'web\n',
    'web\t',
    'bücher.example',
    'сервер.рф',
    '🦞.example',
    'web;reboot',
    'web$(id)',
    'web`id`',
    'user@web',
    'web:22',
    'ssh://web',
    'web/path',
    'web\\path',
    '[::1]',
    '::1]',
    '::1%',
    '::1%$(id)',
    '*.example.org',
    'web-',
    '.web',
    'web\0',
    '\ud800',
    'x'.repeat(254),
    'web,web2',
    '"web"',
  ])('%j is refused', (host) => {
    expect(complaints({ host })).toContain('host');
  });

  test('that is taken can never be read as an option, a second word, or a shell command', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...'-.:%_aZ09 ;$`\'"\n@/[]'), maxLength: 12 }),
      fc.domain(),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(wild, (host) => {
        if (takes({ host })) expect(host).toMatch(/^(?!-)[A-Za-z0-9._:%-]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of any domain or address there is, is taken', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), (host) => {
        expect(complaints({ host })).toEqual([]);
      }),
    );
  });
});

describe('a login name', () => {
  test.each([
    'root',
    'deploy',
    'a.b',
    'user_1',
    'DOMAIN\\user',
    'user@example.org',
    'jürgen',
    'x'.repeat(64),
  ])('%s is taken', (username) => {
    expect(complaints({ username })).toEqual([]);
  });

  test.each(['', ' ', '-l', '-oProxyCommand=id', 'a b', 'a:b', 'a\nb', 'a\0', 'a\u00a0b', 'x'.repeat(65)])(
    '%j is refused',
    (username) => {
      expect(complaints({ username })).toContain('username');
    },
  );
});

describe('tags', () => {
  test.each([[[]], [['prod']], [['Büro', '🦞', 'a b', "it's"]], [['x'.repeat(40)]], [Array(20).fill('t')]])(
    '%j are taken',
    (tags) => {
      expect(complaints({ tags })).toEqual([]);
    },
  );

  test.each([
    [[''], 'tags.0'],
    [['ok', ' '], 'tags.1'],
    [['a,b'], 'tags.0'],
    [['a\nb'], 'tags.0'],
    [['x'.repeat(41)], 'tags.0'],
    [Array(21).fill('t'), 'tags'],
    [['\ud83e'], 'tags.0'],
    [[7], 'tags.0'],
    ['prod', 'tags'],
  ])('%j are refused at %s', (tags, path) => {
    expect(complaints({ tags })).toContain(path);
  });
});

describe('a new server', () => {
  test('has port 22 and no tags unless it says otherwise', () => {
    expect(newServer.parse(base)).toMatchObject({ port: 22, tags: [] });
  });

  test.each([0, -1, 65_536, 22.5, '22', null, Number.NaN])('with the port %s is refused', (port) => {
    expect(complaints({ port })).toContain('port');
  });

  test.each([
    ['a password and no password', { password: undefined }, 'password'],
    ['an empty password', { password: '' }, 'password'],
    ['a password and a key', { privateKey: 'k' }, 'privateKey'],
    ['a password and a passphrase', { passphrase: 'p' }, 'privateKey'],
    ['a key and no key', { authType: 'key', password: undefined }, 'privateKey'],
    ['a key and a password', { authType: 'key', privateKey: 'k' }, 'password'],
    ['neither', { authType: undefined }, 'authType'],
    ['an agent', { authType: 'agent' }, 'authType'],
    ['a NUL byte in the password', { password: 'a\0b' }, 'password'],
    [
      'a key of more than 64 KiB',
      { authType: 'key', password: undefined, privateKey: 'x'.repeat(65_537) },
      'privateKey',
    ],
    ['a jump host that is no id', { jumpServerId: 'a/b' }, 'jumpServerId'],
    ['a name of blanks', { name: ' \u00a0 ' }, 'name'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['a name that is shown backwards', { name: 'web\u202e1' }, 'name'],
    ['a tag with a hidden character', { tags: ['pro\u200bd'] }, 'tags.0'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
  ])('with %s is refused', (_what, change, path) => {
    expect(complaints(change)).toContain(path);
  });

  test('with a field that is not known is refused', () => {
    expect(newServer.safeParse({ ...base, passwort: 'typo' }).error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['passwort'],
    });
  });

  test.each(['Büro 🦞', "it's", '-rf', 'عربى', '<b>x</b>', 'x'.repeat(100)])(
    'may be called %s: a name is only shown',
    (name) => {
      expect(complaints({ name })).toEqual([]);
    },
  );
});

describe('a change of a server', () => {
  test('may be of anything or nothing, and sets no defaults: what is not named stays', () => {
    expect(serverChange.parse({})).toEqual({});
    expect(serverChange.parse({ name: 'n' })).toEqual({ name: 'n' });
    expect(serverChange.parse({ jumpServerId: null, passphrase: null })).toEqual({
      jumpServerId: null,
      passphrase: null,
    });
  });

  test('is held to the same hosts, names and tags', () => {
    for (const change of [
      { host: '-oProxyCommand=id' },
      { username: '-l' },
      { tags: ['a,b'] },
      { version: 3 },
    ])
      expect(serverChange.safeParse(change).success).toBe(false);
  });
});

describe('texts, ids and times', () => {
  test('a text holds anything that both databases can store, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (value) => {
        const storable = value.length > 0 && !value.includes('\0') && value.isWellFormed();
        expect(text(50).safeParse(value).success).toBe(storable);
      }),
    );
    expect(text(50).safeParse('a\ud800').success).toBe(false);
    expect(text(50).safeParse('x'.repeat(51)).success).toBe(false);
  });

  test('a line has no line breaks and is not blank', () => {
    for (const bad of ['\r', 'a\nb', '\u001b[31m', '\u009b31m', ' ', ''])
      expect(line(9).safeParse(bad).success).toBe(false);
    for (const good of ['a b', 'ü', '🦞']) expect(line(9).parse(good)).toBe(good);
  });

  test('a name has no characters that hide or reorder it, and every script that is spelled with joiners', () => {
    for (const bad of [
      'web\u202e1',
      'a\u2066b',
      'we\u200bb',
      'a\u2028b',
      '\u{e0041}b',
      'a\u00adb',
      '\ufeffa',
      'a\nb',
      'web\u00a01',
      'web\u30001',
      'web\u2800',
      '\u2800',
      'web 1\ufe0f',
    ])
      expect(name(9).safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    for (const good of ['a b', 'שרת', 'خادم', 'می‌خواهم', '👩‍💻 ❤️']) expect(name(9).parse(good)).toBe(good);
  });

  test('an id is letters, digits, "_" and "-", and no path', () => {
    for (const bad of ['', 'a b', 'a/b', '../x', 'a.b', 'ü', 'a\n', 'x'.repeat(65), '%00', 7, null])
      expect(id.safeParse(bad).success, String(bad)).toBe(false);
    for (const good of ['srv_1', '42', '-', 'x'.repeat(64)]) expect(id.parse(good)).toBe(good);
    expect(idParams.safeParse({ id: 'a', other: 'b' }).success).toBe(false);
  });

  test('a time is ISO 8601 in UTC', () => {
    for (const good of ['2026-03-01T10:00:00.000Z', new Date().toISOString()])
      expect(time.parse(good)).toBe(good);
    for (const bad of [
      '2026-03-01',
      '2026-03-01T10:00:00+02:00',
      '2026-13-01T10:00:00.000Z',
      'now',
      1_700_000_000,
    ])
      expect(time.safeParse(bad).success, String(bad)).toBe(false);
  });

  test('a limit is 1 to 200, and 50 when it is not said', () => {
    expect(limit.parse(undefined)).toBe(50);
    expect([limit.parse('1'), limit.parse('200')]).toEqual([1, 200]);
    for (const bad of ['0', '201', '-1', '1.5', 'ten', 'Infinity'])
      expect(limit.safeParse(bad).success, bad).toBe(false);
  });
});

describe('a command', () => {
  const exec = contract['POST /servers/:id/exec'].body;
  test('is 1 to 4096 characters and runs 30 s unless it says otherwise, 120 at most', () => {
    expect(exec.parse({ command: 'uptime' })).toEqual({ command: 'uptime', timeoutS: 30 });
    expect(exec.safeParse({ command: 'x'.repeat(4_096), timeoutS: 120 }).success).toBe(true);
    for (const bad of [
      { command: '' },
      { command: 'x'.repeat(4_097) },
      { command: 'a', timeoutS: 121 },
      { command: 'a', timeoutS: 0 },
      { command: 'a\0' },
    ])
      expect(exec.safeParse(bad).success).toBe(false);
  });
});

describe('signing in', () => {
  test('takes initData with or without a launch key, and nothing more', () => {
    const { body } = contract['POST /auth/telegram'];
    expect(body.safeParse({ initData: 'a=b' }).success).toBe(true);
    expect(body.safeParse({ initData: 'a=b', launchKey: 'k' }).success).toBe(true);
    for (const bad of [
      {},
      { initData: '' },
      { initData: 'x'.repeat(16_385) },
      { initData: 'a', launchKey: '' },
      { initData: 'a', user: { id: 1 } },
    ])
      expect(body.safeParse(bad).success).toBe(false);
  });

  test('takes the code of a link', () => {
    const { body } = contract['POST /auth/link'];
    expect(body.safeParse({ code: 'c' }).success).toBe(true);
    for (const bad of [{}, { code: '' }, { code: 7 }, { code: 'x'.repeat(257) }, { code: 'c', admin: true }])
      expect(body.safeParse(bad).success).toBe(false);
  });
});

test('every endpoint has a line of its own, a path of known parts, and a status that fits its answer', () => {
  const summaries = new Set<string>();
  for (const [key, endpoint] of Object.entries(contract)) {
    expect(key).toMatch(/^(GET|POST|PUT|DELETE) (\/(:?[a-z][A-Za-z]*|[a-z]+(-[a-z]+)*|openapi\.json))+$/);
    expect(summaries.has(endpoint.summary), key).toBe(false);
    summaries.add(endpoint.summary);
    const answers = ['response', 'events', 'content', 'socket'].filter((kind) => kind in endpoint).length;
    expect(answers, key).toBe((endpoint.status as number) === 204 ? 0 : 1);
    expect('socket' in endpoint, key).toBe(endpoint.status === 101);
    expect(key.includes(':'), key).toBe('params' in endpoint);
    if (key.startsWith('GET')) expect('body' in endpoint, key).toBe(false);
  }
});
