// Errors for a wrong address, another program at the address, and unusable input.
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, scriptedBuoy, server as web } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
let stranger: Server;
let url: string;
beforeAll(async () => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
  stranger = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
afterAll(async () => {
  cli.close();
  await new Promise((resolve) => stranger.close(resolve));
});

const buoyAt = (address: string, ...words: string[]) =>
  cli.buoy(words, { environment: { ...cli.environment, BUOY_URL: address } });

test('a command exits with 3 when another program answers at the address', async () => {
  const err = `buoy: The answer of ${url} is not from a Buoy (200, text/html).\n  Is the address right, and is Buoy running behind it?\n`;
  expect(await buoyAt(url, 'servers', 'list')).toEqual({ exit: 3, out: '', err });
  expect(await buoyAt(url, 'login')).toEqual({ exit: 3, out: '', err });
  const coded = await buoyAt(url, 'servers', 'list', '--json');
  expect(JSON.parse(coded.err)).toMatchObject({ code: 'network', requestId: null });
});

test('BUOY_URL may have a path and a query; another scheme is refused', async () => {
  for (const typed of [`${url}/`, `${url}/servers?x=1`])
    expect((await buoyAt(typed, 'servers', 'list')).err).toContain(`The answer of ${url} is not from a Buoy`);
  expect(await buoyAt('ftp://buoy.example', 'servers', 'list')).toEqual({
    exit: 2,
    out: '',
    err: 'buoy: "ftp://buoy.example" is not an address of a Buoy.\n  Write it as https://buoy.example\n',
  });
});

test.each(['a\nb', 'ключ'])(
  'a token with characters that no header can carry is refused: %j',
  async (token) => {
    const environment = { ...cli.environment, BUOY_TOKEN: token };
    expect(await cli.buoy(['servers', 'list'], { environment })).toEqual({
      exit: 1,
      out: '',
      err: 'buoy: BUOY_TOKEN does not contain a valid token.\n  Create one: buoy tokens create NAME\n',
    });
  },
);

test('a BUOY_URL with another address does not get the token of the profile', async () => {
  const file = path.join(cli.folder, 'buoy', 'profiles.json');
  const profiles = { default: { url: 'https://buoy.example', token: 'token-of-the-profile' } };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ current: 'default', profiles }));
  const sent: Array<string | null> = [];
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    sent.push(new Headers(init?.headers).get('authorization'));
    return new Response('{}', { status: 401, headers: { 'content-type': 'application/json' } });
  };
  const whoami = (BUOY_URL: string) =>
    cli.buoy(['whoami'], { fetch, environment: { ...cli.environment, BUOY_URL, BUOY_TOKEN: undefined } });
  await whoami('https://buoy.example/');
  expect(sent).toEqual(['Bearer token-of-the-profile']);
  await whoami('http://127.0.0.1:1');
  expect(sent).toEqual(['Bearer token-of-the-profile']);
  rmSync(path.dirname(file), { recursive: true });
});

test('profiles use __proto__ or constructor fails for an unknown profile', async () => {
  for (const name of ['__proto__', 'constructor'])
    expect((await cli.buoy(['profiles', 'use', name])).err).toBe(
      `buoy: There is no profile "${name}".\n  Create it: buoy login URL --profile ${name}\n`,
    );
});

test('an unreadable or unwritable profiles file is named; a sign-in sends the host name of the terminal', async () => {
  const file = path.join(cli.folder, 'buoy');
  writeFileSync(file, 'in the way');
  const { exit, err } = await cli.buoy(['profiles', 'list']);
  expect({ exit, err }).toEqual({
    exit: 1,
    err: `buoy: The profiles in ${file}/profiles.json cannot be read.\n  Check who owns the file.\n`,
  });
  rmSync(file);
  const inTheWay = path.join(file, 'profiles.json.lock');
  mkdirSync(inTheWay, { recursive: true });
  // Old enough to be stale.
  utimesSync(inTheWay, 0, 0);
  const device = {
    ...{ userCode: 'ABCD-EFGH', deviceCode: 'd', verificationUrl: 'http://buoy.test/device' },
    ...{ interval: 1, expiresIn: 600 },
  };
  const user = {
    ...{ id: '1', username: 'anna', firstName: null, lastName: null, photoUrl: null, languageCode: null },
    ...{ isSuperAdmin: false, approved: true, mayAddServers: true, createdAt: at },
  };
  const agents: unknown[] = [];
  const scripted = scriptedBuoy((key) =>
    key === 'POST /auth/device' ? { body: device } : { body: { token: 't', user } },
  );
  const signIn = await cli.buoy(['login', 'http://buoy.test'], {
    fetch(input, init) {
      agents.push(new Headers(init?.headers).get('user-agent'));
      return scripted.fetch(input, init);
    },
  });
  expect(signIn.err).toContain(
    `buoy: The profile could not be saved in ${file}/profiles.json (ERR_FS_EISDIR).\n`,
  );
  expect(signIn.exit).toBe(1);
  expect(agents[0]).toMatch(/^buoy\/\d+\.\d+\.\d+ \([\w.-]+; \w+\)$/);
  rmSync(file, { recursive: true });
});

test('Ctrl-C ends a call that gets no answer: exit code 130', async () => {
  const interrupted = new AbortController();
  const ran = cli.buoy(['servers', 'list'], {
    signal: interrupted.signal,
    fetch: (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        interrupted.abort();
      }),
  });
  expect(await ran).toEqual({ exit: 130, out: '', err: 'buoy: Stopped.\n' });
});

test('--watch continues through a temporary failure and ends with Ctrl-C', async () => {
  const interrupted = new AbortController();
  let asked = 0;
  const { fetch } = scriptedBuoy(() => {
    asked += 1;
    if (asked === 2) throw new TypeError('fetch failed');
    return { body: { servers: [web], nextCursor: null } };
  });
  const { exit, out, err } = await cli.buoy(['servers', 'list', '--watch'], {
    fetch,
    signal: interrupted.signal,
    async pause() {
      if (asked === 3) interrupted.abort();
    },
  });
  expect(exit).toBe(130);
  expect(out.match(/^web /gm)).toHaveLength(2);
  expect(err).toBe('buoy: Buoy does not answer at http://buoy.test. Trying again.\n');
});

test('logs -f reports a lost connection to the log once, not at each attempt', async () => {
  const gap: [string, unknown] = ['gap', { message: 'Nothing answers there.' }];
  const interrupted = new AbortController();
  let opened = 0;
  const { fetch } = scriptedBuoy((key) => {
    if (key === 'GET /servers') return { body: { servers: [web], nextCursor: null } };
    opened += 1;
    return { events: [gap, gap] };
  });
  const { exit, err } = await cli.buoy(['openclaw', 'logs', 'web', '-f'], {
    fetch,
    signal: interrupted.signal,
    async pause() {
      if (opened === 3) interrupted.abort();
    },
  });
  expect({ exit, err }).toEqual({ exit: 130, err: 'Nothing answers there.\n' });
});
