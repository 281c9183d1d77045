// `buoy api`: any call of the API, against a real Buoy. The token is sent only to that Buoy.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
let stranger: Server;
let elsewhere: string;
let authorizations: string[];
beforeAll(async () => {
  fixture = await startCliFixture();
  authorizations = [];
  stranger = createServer((request, response) => {
    authorizations.push(`${request.headers.authorization}`);
    if (request.url?.startsWith('/api/moved'))
      response
        .writeHead(302, { location: 'http://127.0.0.1:1/', 'content-type': 'application/json' })
        .end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  elsewhere = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await fixture.close();
  await new Promise((resolve) => stranger.close(resolve));
});

const json = async (...words: string[]) => {
  const { exit, out, err } = await fixture.buoy(['api', ...words]);
  expect(`${exit} ${err}`).toBe('0 ');
  return JSON.parse(out);
};
const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };

test('buoy api calls a path with and without /api, a whole address, and any method', async () => {
  for (const path of ['/me', 'me', '/api/me', `${fixture.url}/api/me`])
    expect((await json(path)).user.id).toBe('1');
  expect((await json('get', '/servers?limit=5')).servers).toEqual([]);
});

test('buoy api reads the body from fields, a file and standard input', async () => {
  const fields = Object.entries(machine).flatMap(([name, value]) => ['-F', `${name}=${value}`]);
  const { server } = await json('/servers', '-f', 'name=by fields', '-F', 'tags=["a","b"]', ...fields);
  expect(server).toMatchObject({ name: 'by fields', port: 1, tags: ['a', 'b'] });
  const { exit, out } = await fixture.buoy(['api', 'POST', '/servers', '--input', '-'], {
    readStdin: () => Promise.resolve(JSON.stringify({ ...machine, name: 'by input' })),
  });
  expect([exit, JSON.parse(out).server.name]).toEqual([0, 'by input']);
  const renamed = await json(
    ...['PUT', `/servers/${server.id}`, '-f', 'name=renamed', '-H', `If-Match: "${server.version}"`],
  );
  expect(renamed.server.name).toBe('renamed');
});

test('buoy api reads all pages, filters with jq, and prints nothing for 204', async () => {
  const all = await json('/servers?limit=1', '--paginate');
  expect(all).toMatchObject({ servers: [{ name: 'by input' }, { name: 'renamed' }], nextCursor: null });
  expect(await fixture.buoy(['api', '/servers', '--jq', '.servers[].name'])).toEqual({
    ...{ exit: 0, out: 'by input\nrenamed\n', err: '' },
  });
  const id = all.servers[0].id;
  expect(await fixture.buoy(['api', 'DELETE', `/servers/${id}`])).toEqual({ exit: 0, out: '', err: '' });
});

test('buoy api prints the JSON of an error and exits with 1, or with 3 for an unreachable server', async () => {
  const refused = await fixture.buoy(['api', '/servers/srv_none']);
  expect(refused.exit).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({ code: 'not_found' });
  expect(refused.err).toMatch(/^buoy: Not found, or you have no access to it/);
  const { servers } = await json('/servers');
  const away = await fixture.buoy(['api', 'POST', `/servers/${servers[0].id}/exec`, '-f', 'command=true']);
  expect([away.exit, JSON.parse(away.out).code]).toEqual([3, 'unreachable']);
});

test('buoy api prints an answer that is not JSON unchanged, and the headers with --include', async () => {
  const { exit, out } = await fixture.buoy(['api', '/metrics', '-i']);
  expect(exit).toBe(0);
  expect(out).toMatch(/^HTTP 200\n(?:[\w-]+: .*\n)+\n# HELP /);
});

test.each([
  () => `${elsewhere}/api/me`,
  () => 'https://buoy.example/api/me',
  () => '/../me',
  () => '/api/../me',
])('buoy api exits with 2 for an address outside the API of this Buoy: %s', async (address) => {
  const { exit, out, err } = await fixture.buoy(['api', address()]);
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toContain('your token is sent nowhere else');
  expect(authorizations).toEqual([]);
});

test.each(['//evil.example/me', '/\\evil.example/me', '/@evil.example/me'])(
  'buoy api treats %s as a path of this Buoy',
  async (path) => {
    const called: string[] = [];
    await fixture.buoy(['api', path], {
      fetch: async (input) => {
        called.push(new URL(String(input)).origin);
        return Response.json({});
      },
    });
    expect(new Set(called)).toEqual(new Set([fixture.url]));
  },
);

test('buoy api follows no redirect, so the token is not sent elsewhere', async () => {
  const environment = { ...fixture.environment, BUOY_URL: elsewhere };
  const { exit } = await fixture.buoy(['api', '/moved'], { environment });
  expect(exit).toBe(3);
  expect(authorizations).toHaveLength(1);
});

test.each([
  [['FETCH', '/me'], 'METHOD is one of GET, '],
  [
    ['/me', '-H', 'Authorization: Bearer other'],
    '"Authorization: Bearer other" is not a header that you can set.',
  ],
  [['/me', '-f', 'name'], '"name" is not a field.'],
  [['/me', '-f', 'a=b', '--input', '-'], 'Fields and --input do not go together.'],
])('buoy api exits with 2 for %j', async (words, message) => {
  const { exit, err } = await fixture.buoy(['api', ...words]);
  expect(exit).toBe(2);
  expect(err).toContain(message);
});
