// A thief of a cookie or an API token uses up the limits of its person, so that the person can neither notice nor end it, nor work.
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { slowKey } from '../../../testbed/freeze-inputs.ts';
import { engines } from '../support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** Calls of each kind that one minute allows here, so that a test uses them up quickly. */
const LIMITS = { RATE_LIMIT_GLOBAL: '6', RATE_LIMIT_AUTH: '2', RATE_LIMIT_EXEC: '2', TRUST_PROXY: '1' };
const THIEF = '203.0.113.66';
const OWNER = '198.51.100.7';

let running: TestBuoy;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await running.close();
});

const from = (address: string) => ({ 'x-forwarded-for': address });
const cookieIn = (answer: LightMyRequestResponse): string =>
  String([answer.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';

let launches = 0;
const signIn = async (id: number, fields: Record<string, string> = {}) => {
  launches += 1;
  const initData = forgeInitData({ id, first_name: `Launch ${launches}` }, BOT_TOKEN);
  // Each from an address of its own: sign-ins are counted by address.
  const headers = { ...from(`192.0.2.${launches}`), ...fields };
  const answer = await running.call('POST', '/auth/telegram', { body: { initData }, headers });
  return { token: answer.json().token as string, cookie: cookieIn(answer) };
};
const renew = (cookie: string, address: string, body?: unknown) =>
  running.call('POST', '/auth/refresh', { headers: { cookie, ...from(address) }, body });
/** Calls until it is refused, and once more. */
const useUp = async (call: () => Promise<LightMyRequestResponse>): Promise<void> => {
  const statuses: number[] = [];
  for (let tried = 0; tried < 8; tried += 1) statuses.push((await call()).statusCode);
  expect(statuses.at(-1)).toBe(429);
};
const statusOf = async (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  { token, body }: { token: string; body?: unknown },
) => (await running.call(method, url, { token, body, headers: from(OWNER) })).statusCode;

describe('a thief of a refresh cookie', () => {
  /** The thief has renewed with the stolen cookie, and uses up whatever is counted for the person. */
  const startTheft = async (id: number) => {
    running = await startTestBuoy(LIMITS);
    const owner = await signIn(id);
    const stolen = await renew(owner.cookie, THIEF);
    expect(stolen.statusCode).toBe(200);
    const thief = { token: stolen.json().token as string, cookie: cookieIn(stolen) };
    const headers = from(THIEF);
    const flood = async () => {
      await useUp(() => renew(thief.cookie, THIEF, { attemptKey: 5 }));
      await useUp(() => running.call('GET', '/me', { token: thief.token, headers }));
      const code = '/auth/device?userCode=BCDF-GHJK';
      await useUp(() => running.call('GET', code, { token: thief.token, headers }));
    };
    return { owner, thief, flood };
  };

  test('cannot keep the cookie of its owner from being noticed as used by renewing as often as the person may', async () => {
    const { owner, thief, flood } = await startTheft(301);
    await flood();
    const reused = await renew(owner.cookie, OWNER);
    expect([reused.statusCode, reused.json().code]).toEqual([401, 'session_revoked']);
    expect((await running.call('GET', '/me', { token: thief.token })).statusCode).toBe(401);
  });

  test('cannot keep it from being noticed by strangers at the same address who renew with made-up cookies', async () => {
    const { owner } = await startTheft(301);
    await useUp(() => renew(`${owner.cookie.split('=')[0]}=ses_none.${'A'.repeat(43)}`, OWNER));
    expect((await renew(owner.cookie, OWNER)).json().code).toBe('session_revoked');
  });

  test('cannot keep a new session of its owner from ending the stolen one, and all that signs in', async () => {
    const { flood } = await startTheft(SUPER_ID);
    const { token } = await signIn(SUPER_ID);
    await signIn(305);
    await flood();
    expect(await statusOf('GET', '/me', { token })).toBe(429);
    const listed = await running.call('GET', '/me/sessions', { token, headers: from(OWNER) });
    expect(listed.statusCode).toBe(200);
    const { sessions } = listed.json<{ sessions: Array<{ id: string; current: boolean }> }>();
    const others = sessions.filter(({ current }) => !current);
    for (const { id } of others) expect(await statusOf('DELETE', `/me/sessions/${id}`, { token })).toBe(204);
    for (const url of ['/me/tokens', '/me/passkeys']) {
      expect([url, await statusOf('GET', url, { token })]).toEqual([url, 200]);
      expect([url, await statusOf('DELETE', `${url}/id_none`, { token })]).toEqual([url, 404]);
    }
    expect(await statusOf('DELETE', '/me/sign-in-link', { token })).not.toBe(429);
    expect(await statusOf('POST', '/admin/users/305/disable', { token })).toBe(200);
    expect(await statusOf('POST', '/auth/logout', { token })).toBe(204);
  });

  test('cannot keep another device of its owner from renewing, which it has to before it can end anything', async () => {
    const { flood } = await startTheft(301);
    const phone = await signIn(301);
    await flood();
    const renewed = await renew(phone.cookie, OWNER);
    expect(renewed.statusCode).toBe(200);
    const { token } = renewed.json<{ token: string }>();
    expect(await statusOf('GET', '/me/sessions', { token })).toBe(200);
  });

  test('with ten sessions of its owner does not keep the cookie of its owner from being noticed as used', async () => {
    const { owner } = await startTheft(301);
    for (let session = 0; session < 10; session += 1) {
      const { cookie } = await signIn(301);
      for (let call = 0; call < 6; call += 1) await renew(cookie, THIEF, { attemptKey: 5 });
    }
    expect((await renew(owner.cookie, OWNER)).json().code).toBe('session_revoked');
  });

  test('with ten sessions of its owner keeps no other device from renewing', async () => {
    running = await startTestBuoy(LIMITS);
    for (let session = 0; session < 10; session += 1) {
      const { cookie } = await signIn(301);
      for (let call = 0; call < 6; call += 1) await renew(cookie, THIEF, { attemptKey: 5 });
    }
    const phone = await signIn(301);
    expect((await renew(phone.cookie, OWNER)).statusCode).toBe(200);
  });

  test('has twenty endings and four lists a minute beyond its limit, and an API token none', async () => {
    const { thief, flood } = await startTheft(301);
    const body = { name: 'program', scopes: ['admin'] };
    const made = await running.call('POST', '/me/tokens', { token: thief.token, body });
    const program: string = made.json().token.secret;
    await flood();
    const statuses = async (method: 'GET' | 'DELETE', url: string, token: string) => {
      const seen: number[] = [];
      for (let call = 0; call < 22; call += 1) seen.push(await statusOf(method, url, { token }));
      return seen;
    };
    expect(await statuses('DELETE', '/me/tokens/tok_none', thief.token)).toEqual([
      ...Array(20).fill(404),
      ...[429, 429],
    ]);
    expect(await statuses('GET', '/me/sessions', thief.token)).toEqual([
      ...Array(4).fill(200),
      ...Array(18).fill(429),
    ]);
    expect(await statuses('GET', '/me/sessions', program)).toEqual([
      ...Array(6).fill(200),
      ...Array(16).fill(429),
    ]);
  });
});

describe('a thief of an API token', () => {
  test.each(['metrics', 'read'])(
    'with the scope "%s" uses up no commands, terminals, sign-outs and new tokens of its person',
    async (scope) => {
      running = await startTestBuoy(LIMITS);
      const [device, other] = [await signIn(SUPER_ID), await signIn(SUPER_ID)];
      const made = await running.call('POST', '/me/tokens', {
        token: device.token,
        body: { name: 'program', scopes: [scope] },
      });
      const stolen: string = made.json().token.secret;
      const newToken = { name: 'one more', scopes: ['read'] };
      const logout = (token: string) => running.call('POST', '/auth/logout', { token });
      await useUp(() => running.call('POST', '/servers/host-key', { token: stolen, body: {} }));
      await useUp(() => running.call('POST', '/me/tokens', { token: stolen, body: newToken }));
      await useUp(() => running.call('GET', '/auth/device?userCode=BCDF-GHJK', { token: stolen }));
      await useUp(() => logout(stolen));

      const { token } = device;
      for (const url of ['/servers/srv_none/exec', '/servers/srv_none/terminal/ticket'])
        expect([url, await statusOf('POST', url, { token, body: {} })]).not.toEqual([url, 429]);
      expect(await statusOf('GET', '/auth/device?userCode=BCDF-GHJK', { token })).toBe(404);
      expect(await statusOf('POST', '/me/tokens', { token, body: newToken })).toBe(201);
      expect((await logout(other.token)).statusCode).toBe(204);
    },
  );

  test('uses up no places in which the keys of its person are checked', async () => {
    running = await startTestBuoy({ TRUST_PROXY: '1' });
    const { token } = await signIn(SUPER_ID);
    const made = await running.call('POST', '/me/tokens', {
      token,
      body: { name: 'program', scopes: ['operate'] },
    });
    const privateKey = await slowKey(32);
    const add = (by: string, passphrase: string) =>
      statusOf('POST', '/servers', {
        token: by,
        body: {
          ...{ name: 'web', host: '192.0.2.1', username: 'root' },
          ...{ authType: 'key', privateKey, passphrase },
        },
      });
    const flood = Array.from({ length: 7 }, (_, index) => add(made.json().token.secret, `wrong ${index}`));
    expect(await add(token, 'wrong')).toBe(400);
    expect(await Promise.all(flood)).toContain(429);
  });

  test('uses up no costly calls of its person', async () => {
    running = await startTestBuoy({ TRUST_PROXY: '1' });
    const { token } = await signIn(SUPER_ID);
    const body = { name: 'program', scopes: ['admin'] };
    const made = await running.call('POST', '/me/tokens', { token, body });
    const exported = async (by: string) => statusOf('GET', '/admin/audit/export', { token: by });
    const seen: number[] = [];
    for (let call = 0; call < 11; call += 1) seen.push(await exported(made.json().token.secret));
    expect(seen).toEqual([...Array(10).fill(200), 429]);
    expect(await exported(token)).toBe(200);
  });
});

test.each(engines)(
  'a stranger who sends a cookie that no database can look up is refused and counted on $name',
  async ({ open }) => {
    await using fixture = await open();
    running = await startTestBuoy({ ...LIMITS, ...fixture.environment });
    const statuses: number[] = [];
    for (let call = 0; call < 8; call += 1)
      statuses.push((await renew('__Host-Http-buoy_refresh=%00.a.b', THIEF)).statusCode);
    expect(statuses).toEqual([...Array(6).fill(401), ...[429, 429]]);
    await running.close();
  },
);

describe('a thief who begins requests and never finishes them', () => {
  const MIB = 1_048_576;
  /** One that is longer than what is sent in any case. */
  const longList = async () => {
    for (let device = 0; device < 40; device += 1)
      await signIn(SUPER_ID, { 'user-agent': 'a device '.padEnd(256, 'x') });
  };
  /** Begins requests with the body that `header` announces; resolves when Buoy has refused all but `admitted` of them. */
  const begin = async (
    count: number,
    { token, line, header, admitted }: { token: string; line: string; header: string; admitted: number },
  ): Promise<void> => {
    const { port } = running.buoy.app.server.address() as AddressInfo;
    const fields = ['host: a', `authorization: Bearer ${token}`, 'content-type: application/json', header];
    let left = count - admitted;
    const refused = Promise.withResolvers<void>();
    if (left === 0) refused.resolve();
    for (let request = 0; request < count; request += 1) {
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.once('data', (answer) => {
        if (!String(answer).startsWith('HTTP/1.1 429')) return;
        left -= 1;
        if (left === 0) refused.resolve();
      });
      socket.write([line, ...fields, '', ''].join('\r\n'));
    }
    await refused.promise;
  };
  const post = 'POST /api/servers HTTP/1.1';
  const floods: Array<[string, (token: string) => Promise<void>]> = [
    [
      'bodies in pieces',
      (token) => begin(40, { token, line: post, header: 'transfer-encoding: chunked', admitted: 32 }),
    ],
    [
      'live streams that announce a body',
      async (token) => {
        const header = 'transfer-encoding: chunked';
        const stream = 'GET /api/servers/events HTTP/1.1';
        await begin(10, { token, line: stream, header, admitted: 10 });
        await begin(40, { token, line: post, header, admitted: 32 });
      },
    ],
    [
      'bodies in pieces, and short bodies',
      async (token) => {
        await begin(40, { token, line: post, header: 'transfer-encoding: chunked', admitted: 32 });
        await begin(300, { token, line: post, header: 'content-length: 16384', admitted: 256 });
      },
    ],
  ];

  describe.each(['a session', 'an API token'])('of %s', (stolen) => {
    test.each(floods)('cannot keep its owner from finding and ending it by %s', async (_what, flood) => {
      running = await startTestBuoy({ TRUST_PROXY: '1' });
      await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
      const [thief, { token }] = [await signIn(SUPER_ID), await signIn(SUPER_ID)];
      await longList();
      const body = { name: 'program', scopes: ['admin'] };
      const made = await running.call('POST', '/me/tokens', { token, body });
      const { id: tokenId, secret } = made.json<{ token: { id: string; secret: string } }>().token;
      await flood(stolen === 'a session' ? thief.token : secret);

      const listed = await running.call('GET', '/me/sessions', { token });
      expect([listed.statusCode, listed.body.length > 16_384]).toEqual([200, true]);
      const long = { name: 'x'.repeat(MIB / 2) };
      expect(await statusOf('POST', '/servers', { token, body: long })).toBe(400);
      const [other] = listed
        .json<{ sessions: Array<{ id: string; current: boolean }> }>()
        .sessions.filter(({ current }) => !current);
      expect(await statusOf('DELETE', `/me/sessions/${other?.id}`, { token })).toBe(204);
      expect(await statusOf('DELETE', `/me/tokens/${tokenId}`, { token })).toBe(204);
    });
  });

  test('of the same session leaves its lists, and of many sessions those of another', async () => {
    running = await startTestBuoy({ TRUST_PROXY: '1' });
    await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    await longList();
    const header = 'transfer-encoding: chunked';
    const thieves = [];
    for (let session = 0; session < 4; session += 1) thieves.push(await signIn(SUPER_ID));
    const { token } = await signIn(SUPER_ID);
    for (const thief of thieves) await begin(33, { token: thief.token, line: post, header, admitted: 32 });
    await begin(1, { token, line: post, header, admitted: 0 });
    for (const one of [token, thieves[0]?.token ?? ''])
      expect(await statusOf('GET', '/me/sessions', { token: one })).toBe(200);
  });
});
