// Output for scripts: -o, --jq, --debug and --since.
import type { User } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, type ScriptedAnswer, type ScriptedCall, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const db = { ...server, id: 'srv_2', name: 'db' };
const twin = { ...server, id: 'srv_3', name: 'web' };
const task = {
  ...{ id: 'tsk_new', type: 'openclaw.restart', serverId: 'srv_1', status: 'succeeded', steps: [] },
  ...{
    progress: 1,
    result: null,
    error: null,
    createdBy: 'ada',
    createdAt: at,
    startedAt: at,
    finishedAt: at,
  },
};
const older = { ...task, id: 'tsk_old', createdAt: '2026-02-27T10:00:00.000Z' };
const queries: unknown[] = [];
/** The owner of the servers above. */
const anna: User = {
  ...{ id: '1', username: null, firstName: 'Anna', lastName: null, photoUrl: null, languageCode: null },
  ...{ isSuperAdmin: false, approved: true, mayAddServers: true, createdAt: at },
};
const mallory = { id: '6', name: 'Mallory', givenBy: null };
let calls: readonly string[] = [];

function buoy(words: string[], servers = [server, db]) {
  const scripted = scriptedBuoy((key, _calls, { query }: ScriptedCall): ScriptedAnswer => {
    if (key === 'GET /servers') return { body: { servers, nextCursor: null } };
    if (key === 'GET /me') return { body: { user: anna } };
    if (key === 'GET /tasks') {
      queries.push(query);
      const isFirst = (query as { cursor?: string }).cursor === undefined;
      return { body: { tasks: [isFirst ? task : older], nextCursor: isFirst ? 'more' : 'even more' } };
    }
    throw new Error(`Nothing is scripted for ${key}.`);
  });
  calls = scripted.calls;
  return cli.buoy(words, { fetch: scripted.fetch, now: () => Date.parse('2026-03-01T10:05:00Z') });
}

/** -o name of skills, which have no id. */
function named(names: readonly string[]) {
  return cli.buoy(['api', '/servers/srv_1/openclaw/skills', '-o', 'name'], {
    fetch: async () => Response.json({ skills: names.map((name) => ({ name })) }),
  });
}

describe('-o', () => {
  test('yaml prints the answer as YAML', async () => {
    const { exit, out } = await buoy(['servers', 'show', 'web', '-o', 'yaml']);
    expect(exit).toBe(0);
    expect(out).toMatch(/^server:\n {2}id: srv_1\n {2}name: web\n/);
    expect(out).toContain('  tags: []\n');
  });

  test('yaml quotes strings that YAML 1.1 readers would take for another type', async () => {
    const { out } = await buoy(['servers', 'show', 'no', '-o', 'yaml'], [{ ...server, name: 'no' }]);
    expect(out).toContain('\n  name: "no"\n');
    expect(out).toContain(`\n  createdAt: "${server.createdAt}"\n`);
  });

  test('name prints one name per line, and the id if a name is not unique', async () => {
    expect((await buoy(['servers', 'list', '-o', 'name'])).out).toBe('web\ndb\n');
    expect((await buoy(['-o', 'name', 'servers', 'list'], [server, db, twin])).out).toBe(
      'srv_1\ndb\nsrv_3\n',
    );
    expect((await buoy(['servers', 'show', 'db', '-oname'])).out).toBe('db\n');
    expect((await buoy(['tasks', 'list', '--format=name', '--limit', '1'])).out).toBe('tsk_new\n');
  });

  test.each([
    ['an option', '--all'],
    ['a short option', '-n'],
    ['several words', 'x web'],
    ['a quote, which xargs takes away', "we'b"],
    ['a backslash', 'we\\b'],
    ['the id of another server', 'srv_1'],
  ])('name prints the id of a server whose name the next command would take for %s', async (_what, name) => {
    const { exit, out } = await buoy(['servers', 'list', '-o', 'name'], [server, { ...db, name }]);
    expect({ exit, out }).toEqual({ exit: 0, out: 'web\nsrv_2\n' });
  });

  test('name prints the id of a server of somebody else: its name may be that of one of your own that is not listed', async () => {
    const shared = { ...db, role: 'admin' as const, owner: mallory };
    const given = { ...twin, name: 'old', owner: { id: '1', name: 'Anna', givenBy: '6' } };
    const { out } = await buoy(['servers', 'list', '-o', 'name'], [server, shared, given]);
    expect(out).toBe('web\nsrv_2\nsrv_3\n');
  });

  test('name prints the id of such a server for a super-admin too, who is told that they own every server', async () => {
    const others = { ...db, owner: mallory };
    const nobodys = { ...twin, name: 'old', owner: null };
    const { out } = await buoy(['servers', 'list', '-o', 'name'], [server, others, nobodys]);
    expect(out).toBe('web\nsrv_2\nsrv_3\n');
    expect((await buoy(['servers', 'show', 'db', '-o', 'name'], [server, others])).out).toBe('srv_2\n');
  });

  test('name asks who the caller is once, and not where a role shows that they are no super-admin', async () => {
    await buoy(['servers', 'list', '-o', 'name']);
    expect(calls).toEqual(['GET /servers', 'GET /me']);
    const { out } = await buoy(
      ['servers', 'list', '-o', 'name'],
      [server, { ...db, role: 'viewer', owner: mallory }],
    );
    expect(out).toBe('web\nsrv_2\n');
    expect(calls).toEqual(['GET /servers']);
    await buoy(['tasks', 'list', '-o', 'name']);
    expect(calls).not.toContain('GET /me');
  });

  test('name exits with the failure when Buoy does not say who the caller is', async () => {
    const { exit, out, err } = await cli.buoy(['servers', 'list', '-o', 'name'], {
      fetch: async (input) =>
        String(input).endsWith('/me')
          ? Response.json({ error: 'The database is away.', code: 'unavailable' }, { status: 503 })
          : Response.json({ servers: [server], nextCursor: null }),
    });
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(err).toContain('The database is away.');
  });

  test.each([
    'agent:main:irc:channel:#ops',
    'agent:main:matrix:channel:!room:matrix.example',
    'agent:main:whatsapp:direct:+491701234567',
    'Погода',
    '天気~1',
  ])('name prints %s, which is one word', async (name) => {
    const { exit, out } = await named([name]);
    expect({ exit, out }).toEqual({ exit: 0, out: `${name}\n` });
  });

  test.each(['#ops', '!room', '~root', '--yes', 'a b', 'a*', '$(id)', ''])(
    'name leaves an item out that has the name %j and no id, once it has printed all others',
    async (name) => {
      const { exit, out, err } = await named(['weather', name, 'news']);
      expect({ exit, out }).toEqual({ exit: 1, out: 'weather\nnews\n' });
      expect(err).toContain(`"${name}"`);
      expect(err).toContain('See the whole answer: -o json');
    },
  );

  test('name tells of many left out in one line', async () => {
    const { exit, out, err } = await named([...Array.from({ length: 20 }, (_, at) => `a b${at}`), 'news']);
    expect({ exit, out }).toEqual({ exit: 1, out: 'news\n' });
    expect(err).toContain('20 items are left out');
    expect(err.split('\n')).toHaveLength(3);
  });

  test.each([
    [['-o', 'xml'], '-o takes one of json, yaml, name, not "xml".'],
    [['-o', 'yaml', '--json'], '-o yaml and --json do not go together.'],
    [['-o', 'name', '--jq', '.'], '-o name and --jq do not go together.'],
  ])('%j is refused with 2', async (words, message) => {
    const { exit, out, err } = await buoy(['servers', 'list', ...words]);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
  });
});

describe('--jq', () => {
  test.each([
    ['.servers[].name', 'web\ndb\n'],
    [
      '.servers | map({name, up: (.status.state == "up")})',
      '[{"name":"web","up":true},{"name":"db","up":true}]\n',
    ],
    ['.servers[] | select(.name | startswith("d")) | "\\(.id): \\(.port + 1)"', 'srv_2: 23\n'],
    ['.servers | length', '2\n'],
    ['.servers[0] | [.name, .host] | @tsv', 'web\tweb.example\n'],
    ['.servers[].nothing', 'null\nnull\n'],
    ['empty', ''],
  ])('%s prints strings without quotes and everything else as JSON', async (filter, out) => {
    expect(await buoy(['servers', 'list', '--jq', filter])).toEqual({ exit: 0, out, err: '' });
  });

  test('an invalid filter exits with 2 before any call', async () => {
    const { exit, err } = await cli.buoy(['servers', 'list', '--jq', '.servers['], {
      fetch: () => Promise.reject(new Error('called')),
    });
    expect(exit).toBe(2);
    expect(JSON.parse(err).error).toContain('".servers[" is not a jq filter: ');
  });

  test('a filter that does not fit the answer exits with 1 and the reason', async () => {
    const { exit, out, err } = await buoy(['servers', 'list', '--jq', '.servers[0].name | @csv']);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(JSON.parse(err).error).toMatch(/^jq: /);
  });
});

describe('--debug', () => {
  test('prints each call and its status to standard error, without secrets', async () => {
    const { exit, out, err } = await buoy(['servers', 'list', '--debug', '--search', 'w']);
    expect(exit).toBe(0);
    expect(out).toContain('web');
    expect(err).toBe('> GET http://buoy.test/api/servers?q=w&limit=200\n< 200 application/json, 0 ms\n');
    const secret = 'Hunter2-password';
    const added = await cli.buoy(
      ['servers', 'add', 'a@b', '--password', '--host-key', `SHA256:${'a'.repeat(43)}`, '--debug'],
      {
        readStdin: () => Promise.resolve(secret),
        fetch: async () => Response.json({ server }, { status: 201, headers: { 'x-request-id': 'req_1' } }),
      },
    );
    expect(added.err).toContain(
      '> POST http://buoy.test/api/servers (name, username, host, port, authType, password',
    );
    expect(added.err).toContain('request id req_1');
    expect(added.err).not.toContain(secret);
    expect(added.err).not.toContain('a-token');
  });

  test('hides a code in an address', async () => {
    const { err } = await cli.buoy(['api', '/auth/device?userCode=BCDF-GHJK', '--debug'], {
      fetch: async () => Response.json({}),
    });
    expect(err).toContain('userCode=...');
    expect(err).not.toContain('BCDF');
  });
});

describe('--since', () => {
  test('lists items since that time, from as many pages as needed', async () => {
    queries.length = 0;
    expect((await buoy(['tasks', 'list', '--since', '1h', '-o', 'name'])).out).toBe('tsk_new\n');
    expect(queries).toEqual([{ limit: 50 }, { limit: 50, cursor: 'more' }]);
    expect((await buoy(['tasks', 'list', '--since', '2026-02-01', '--limit', '2', '-o', 'name'])).out).toBe(
      'tsk_new\ntsk_old\n',
    );
  });

  test('an invalid time exits with 2', async () => {
    const { exit, err } = await buoy(['tasks', 'list', '--since', 'yesterday']);
    expect(exit).toBe(2);
    expect(err).toContain('--since takes a time such as 30m, 8h or 2d, or a date, not "yesterday".');
  });
});
