// The main commands of the command line, against a real Buoy.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SUPER_ID } from '../../backend/test/support/test-buoy.ts';
import { loginOf } from '../src/login-of.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.environment.BUOY_URL = fixture.url;
  fixture.environment.BUOY_TOKEN = fixture.token;
});

const json = async <T>(...words: string[]): Promise<T> => {
  const { exit, out, err } = await fixture.buoy([...words, '--json']);
  expect(`${err}${exit}`).toBe('0');
  return JSON.parse(out) as T;
};
/** Nothing listens on port 1 of this machine. */
const addServer = async (name: string) =>
  JSON.parse(
    (
      await fixture.buoy(
        ['servers', 'add', 'deploy@127.0.0.1:1', '--name', name, '--tag', 'test', '--password', '--json'],
        { readStdin: () => Promise.resolve('one-of-the-tests\n') },
      )
    ).out,
  ).server.id as string;

describe('signing in', () => {
  test('login waits for approval in the browser; the profiles file is readable only by its owner', async () => {
    fixture.environment.BUOY_URL = undefined;
    fixture.environment.BUOY_TOKEN = undefined;
    let shown = '';
    const { exit, out } = await fixture.buoy(['login', fixture.url], {
      err: (text) => {
        shown += text;
      },
      async pause() {
        const [, userCode] = /approve the code (\S+)/.exec(shown) ?? [];
        const { statusCode } = await fixture.running.call('POST', '/auth/device/approve', {
          token: fixture.token,
          body: { userCode },
        });
        expect(statusCode).toBe(204);
      },
    });
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`^Signed in to ${fixture.url} as .+\\.\n$`));
    const file = path.join(String(fixture.environment.XDG_CONFIG_HOME), 'buoy', 'profiles.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await json('whoami')).toMatchObject({
      profile: 'default',
      url: fixture.url,
      user: { id: String(SUPER_ID) },
    });

    expect((await fixture.buoy(['logout'])).out).toBe(`Signed out of ${fixture.url}.\n`);
    expect(await fixture.buoy(['whoami'])).toEqual({
      exit: 1,
      out: '',
      err: `buoy: You are not signed in to ${fixture.url}.\n  Sign in: buoy login ${fixture.url}\n`,
    });
  });

  test('an invalid BUOY_TOKEN is reported with the next command', async () => {
    fixture.environment.BUOY_TOKEN = 'not-a-token';
    const { exit, err } = await fixture.buoy(['servers', 'list']);
    expect(exit).toBe(1);
    expect(err).toContain(
      '  The token comes from BUOY_TOKEN. Create another: buoy tokens create NAME; or unset it and sign in: buoy login\n',
    );
  });

  test('a rate-limited call waits as long as requested and is repeated', async () => {
    const waits: number[] = [];
    const answers = [
      new Response('{}', { status: 429, headers: { 'retry-after': '7' } }),
      new Response('{}', { status: 429, headers: { 'retry-after': '1' } }),
    ];
    const { exit, err } = await fixture.buoy(['whoami'], {
      fetch: async (...call) => answers.shift() ?? fetch(...call),
      pause: async (ms) => void waits.push(ms),
    });
    expect({ exit, err, waits }).toEqual({
      exit: 0,
      err: 'buoy: too many calls; trying again in 7 s.\nbuoy: too many calls; trying again in 1 s.\n',
      waits: [7_000, 1_000],
    });
  });

  test('a command exits with 3 when no Buoy answers', async () => {
    fixture.environment.BUOY_URL = 'http://127.0.0.1:1';
    const { exit, err } = await fixture.buoy(['servers', 'list']);
    expect(exit).toBe(3);
    expect(err).toMatch(/^buoy: Buoy does not answer at http:\/\/127\.0\.0\.1:1 \(.+\)\.\n/);
  });
});

describe('servers', () => {
  test('are added, found by the beginning of a name, changed and removed', async () => {
    const id = await addServer('web one');
    const { server } = await json<{ server: { id: string; host: string; port: number; tags: string[] } }>(
      'servers',
      'show',
      'WEB',
    );
    expect(server).toMatchObject({ id, host: '127.0.0.1', port: 1, tags: ['test'] });

    expect((await fixture.buoy(['servers', 'edit', id, '--name', 'web two'])).exit).toBe(0);
    expect(await fixture.buoy(['servers', 'remove', 'web two', '--yes'])).toEqual({
      exit: 0,
      out: 'Removed web two.\n',
      err: '',
    });
    expect(await fixture.buoy(['servers', 'show', id])).toEqual({
      exit: 1,
      out: '',
      err: `buoy: There is no server "${id}" that you can see.\n  List them: buoy servers list\n`,
    });
  });

  test('a name that matches several servers is refused, and all are listed', async () => {
    const ids = [await addServer('twin a'), await addServer('twin b')];
    const { exit, err } = await fixture.buoy(['servers', 'show', 'twin']);
    expect(exit).toBe(1);
    for (const id of ids) expect(err).toContain(id);
    for (const id of ids) await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test('test of an unreachable server exits with 3, the reason and a hint', async () => {
    const id = await addServer('away');
    const { exit, out } = await fixture.buoy(['servers', 'test', id]);
    expect(exit).toBe(3);
    expect(out).toMatch(/^away: .+\n.+\n$/);
    await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test('remove without confirmation exits with 2 without a terminal, and with 1 when the answer is no', async () => {
    const id = await addServer('kept');
    expect((await fixture.buoy(['servers', 'remove', id])).exit).toBe(2);
    const { exit, err } = await fixture.buoy(['servers', 'remove', id], {
      canAsk: true,
      ask: () => Promise.resolve(''),
    });
    expect({ exit, err }).toEqual({ exit: 1, err: 'buoy: Nothing was done.\n' });
    expect((await fixture.buoy(['servers', 'remove', id, '--yes'])).exit).toBe(0);
  });

  test('an invalid value is refused with the message of the API', async () => {
    const { exit, err } = await fixture.buoy(['servers', 'add', 'deploy@bad_-', '--password'], {
      readStdin: () => Promise.resolve('x'),
    });
    expect(exit).toBe(1);
    expect(err).toContain('(host): must be a host name');
  });

  test('ssh runs the local ssh program through the jump servers', async () => {
    const gate = await addServer('gate');
    const inner = await addServer('inner');
    await fixture.buoy(['servers', 'edit', inner, '--login', 'deploy@10.0.0.7', '--jump', 'gate']);
    const started: Array<{ words: string[]; config: string[] }> = [];
    const runProgram = async (program: string, args: readonly string[]) => {
      const [flag, file = '', ...words] = args;
      expect([program, flag]).toEqual(['ssh', '-F']);
      const [config = ''] = readFileSync(file, 'utf8').split('Match all');
      started.push({ words, config: config.split('\n').flatMap((line) => line.trim() || []) });
      return 7;
    };
    expect((await fixture.buoy(['servers', 'ssh', 'gate'], { runProgram })).exit).toBe(7);
    await fixture.buoy(['servers', 'ssh', 'inner'], { runProgram });
    expect(started).toEqual([
      {
        words: ['--', '127.0.0.1'],
        config: ['Host 127.0.0.1', 'HostName 127.0.0.1', 'Port 1', 'User deploy'],
      },
      {
        words: ['--', '10.0.0.7'],
        config: [
          ...['Host 127.0.0.1', 'HostName 127.0.0.1', 'Port 1', 'User deploy'],
          ...['Host 10.0.0.7', 'HostName 10.0.0.7', 'Port 22', 'User deploy', 'ProxyJump 127.0.0.1'],
        ],
      },
    ]);

    await fixture.running.grant(inner, '777', 'admin');
    fixture.environment.BUOY_TOKEN = await fixture.running.signIn(777);
    const { err } = await fixture.buoy(['servers', 'ssh', 'inner'], { runProgram });
    expect(err).toContain(
      'inner is reached through a server that you have no access to; ssh tries without it.\n',
    );
    expect(started.at(-1)?.config).not.toContain('ProxyJump 127.0.0.1');
    fixture.environment.BUOY_TOKEN = fixture.token;
    const failing = await fixture.buoy(['servers', 'ssh', 'gate'], {
      runProgram: () => Promise.reject(new Error('ENOENT')),
    });
    expect(failing).toMatchObject({
      exit: 1,
      out: '',
      err: expect.stringContaining(
        'buoy: The program ssh could not be started.\n  Install it, or connect by hand: ssh -p 1 -l deploy -- 127.0.0.1\n',
      ),
    });
    for (const id of [inner, gate]) await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test.each([
    ['root@web', { username: 'root', host: 'web', port: 22 }],
    ['root@web:2222', { username: 'root', host: 'web', port: 2222 }],
    ['ssh -p 2222 root@web', { username: 'root', host: 'web', port: 2222 }],
    ['ssh root@web -p 2222', { username: 'root', host: 'web', port: 2222 }],
    ['ssh -l root 10.0.0.1', { username: 'root', host: '10.0.0.1', port: 22 }],
    ['root@[2001:db8::1]:22', { username: 'root', host: '2001:db8::1', port: 22 }],
    ['root@2001:db8::1', { username: 'root', host: '2001:db8::1', port: 22 }],
  ])('%s is parsed as a login', (typed, login) => expect(loginOf(typed)).toEqual(login));
  test.each(['web', 'root@', 'root@web uptime', '@web', 'root@web -p x'])(
    '%s is refused as a login',
    (typed) => expect(() => loginOf(typed)).toThrow(/is not a login/),
  );
});

describe('OpenClaw', () => {
  test('status of an unreachable server exits with 3', async () => {
    const id = await addServer('no gateway');
    const { exit, err } = await fixture.buoy(['openclaw', 'status', id]);
    expect(exit).toBe(3);
    expect(err).toContain('Request id: ');
    await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test.each([
    ['agents list', []],
    ['sessions list', []],
    ['skills list', []],
    ['config get', []],
    ['models list', []],
    ['channels list', []],
    ['cron list', []],
    ['exec-policy get', []],
    ['logs', []],
    ['usage', []],
    ['agents show', ['main']],
    ['sessions send', ['agent:main:main', 'hello']],
  ])('%s of an unreachable server exits with 3', async (words, more) => {
    const id = await addServer('no gateway');
    const { exit, out, err } = await fixture.buoy(['openclaw', ...words.split(' '), id, ...more]);
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(err).toMatch(/^buoy: .+\n {2}.+\n {2}Request id: \S+\n$/);
    await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test('stop without confirmation leaves the gateway running', async () => {
    const id = await addServer('asked');
    expect(await fixture.buoy(['openclaw', 'stop', id])).toEqual({
      exit: 2,
      out: '',
      err: 'buoy: Stop the gateway of asked? Its agents do not answer until you start it again. There is no terminal to ask on.\n  Add --yes to go ahead.\n',
    });
    const questions: string[] = [];
    const { exit, err } = await fixture.buoy(['openclaw', 'stop', id], {
      canAsk: true,
      ask: async (question) => {
        questions.push(question);
        return 'no';
      },
    });
    expect({ exit, err }).toEqual({ exit: 1, err: 'buoy: Nothing was done.\n' });
    expect(questions).toEqual([
      'Stop the gateway of asked? Its agents do not answer until you start it again. [y/N] ',
    ]);
    await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test('inbox list prints that nothing is open', async () => {
    expect(await fixture.buoy(['inbox', 'list'])).toEqual({
      exit: 0,
      out: '',
      err: 'No open requests.\n',
    });
    expect(await json('inbox', 'list')).toEqual({ items: [], accessRequests: [], unreachable: [] });
    expect(await fixture.buoy(['inbox', 'approve', 'anna'])).toEqual({
      exit: 1,
      out: '',
      err: 'buoy: There is no request "anna" that waits for you.\n  List them: buoy inbox list\n',
    });
  });

  test('restart prints its steps until it ends, and tasks cancel ends it', async () => {
    const id = await addServer('restarted');
    const { task } = await json<{ task: { id: string } }>('openclaw', 'restart', id, '--no-wait');
    const watching = fixture.buoy(['tasks', 'watch', task.id]);
    const cancelled = await fixture.buoy(['tasks', 'cancel', task.id]);
    expect(cancelled.exit).toBe(0);
    const { exit, out, err } = await watching;
    expect(exit).toBe(1);
    expect(out).toBe('openclaw.restart cancelled.\n');
    expect(err).toMatch(/Check the gateway/);
    expect((await fixture.buoy(['tasks', 'list', '--server', id])).out).toContain(task.id);
    expect((await fixture.buoy(['tasks', 'show', task.id])).out).toContain('cancelled');
  });
});

describe('access, tokens, admin', () => {
  test('access is granted, changed and revoked', async () => {
    const id = await addServer('shared');
    await fixture.buoy(['access', 'grant', id, '555', 'viewer']);
    await fixture.buoy(['access', 'change', id, '555', 'admin']);
    expect(await json('access', 'list', id)).toMatchObject({
      members: expect.arrayContaining([expect.objectContaining({ userId: '555', role: 'admin' })]),
    });
    expect((await fixture.buoy(['access', 'revoke', id, '555', '--yes'])).out).toBe(
      '555 no longer has access to shared.\n',
    );
    const { out } = await fixture.buoy(['access', 'invite', id, 'viewer', '--hours', '2']);
    expect(out).toMatch(/^https?:\/\/\S+\n$/);
    expect((await fixture.buoy(['access', 'grant', id, '555', 'king'])).exit).toBe(2);
  });

  test('a token is shown once, works, and is invalid after it is revoked', async () => {
    const { token } = await json<{ token: { id: string; secret: string } }>(
      'tokens',
      'create',
      'ci',
      '--scope',
      'read',
      '--days',
      '1',
    );
    const list = await fixture.buoy(['tokens', 'list']);
    expect(list.out).toContain(token.id);
    expect(list.out).not.toContain(token.secret);
    fixture.environment.BUOY_TOKEN = token.secret;
    expect((await fixture.buoy(['servers', 'list'])).exit).toBe(0);
    fixture.environment.BUOY_TOKEN = fixture.token;
    await fixture.buoy(['tokens', 'revoke', token.id, '--yes']);
    fixture.environment.BUOY_TOKEN = token.secret;
    expect((await fixture.buoy(['servers', 'list'])).exit).toBe(1);
  });

  test('admin shows health, users, audit and backups; a backup is saved only for its owner and never over another file', async () => {
    const health = await fixture.buoy(['admin', 'health', '--json']);
    // A busy machine counts as degraded, which changes the exit code.
    expect(health.exit).toBe(JSON.parse(health.out).status === 'ok' ? 0 : 1);
    expect((await fixture.buoy(['admin', 'users', 'list'])).out).toMatch(/^USER {2}/);
    expect((await fixture.buoy(['admin', 'audit', 'list', '--action', 'POST /servers'])).out).toContain(
      'POST /servers',
    );
    for (let call = 0; call < 4; call += 1) await fetch(`${fixture.url}/api/alerts`);
    expect((await fixture.buoy(['admin', 'audit', 'list', '--action', 'GET /alerts'])).out).toContain(
      'denied, 3 more times',
    );
    const { backup } = await json<{ backup: { filename: string; sizeBytes: number } }>(
      'admin',
      'backups',
      'run',
    );
    expect((await fixture.buoy(['admin', 'backups', 'list'])).out).toContain(backup.filename);
    const file = path.join(String(fixture.environment.XDG_CONFIG_HOME), 'fetched.gz');
    expect((await fixture.buoy(['admin', 'backups', 'download', backup.filename, '--to', file])).exit).toBe(
      0,
    );
    expect(statSync(file)).toMatchObject({ size: backup.sizeBytes });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await fixture.buoy(['admin', 'backups', 'download', backup.filename, '--to', file])).err).toBe(
      `buoy: ${file} already exists.\n  Give another name: --to PATH\n`,
    );
  });
});
