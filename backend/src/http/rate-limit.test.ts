// Rate limits: separate budgets, and a caller address that cannot be forged.
import { contract, type Endpoint } from '@buoy/contract';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type DurabilityApp,
  type DurabilityAppOptions,
  SUPER_ID,
  startDurabilityApp,
} from '../../test/support/durability-app.ts';
import { until } from '../lib/testing/until.ts';
import { endsAccessOrWork } from './change-limits.ts';
import { superAdmin } from './policies.ts';
import { route } from './route.ts';

let running: DurabilityApp | undefined;
afterEach(() => running?.close());

async function start(options: DurabilityAppOptions): Promise<DurabilityApp> {
  running = await startDurabilityApp(options);
  return running;
}

const usersForSuperAdmins = route('GET /admin/users', superAdmin, () => ({ users: [], nextCursor: null }));

const get = (url: string, remoteAddress = '203.0.113.1', headers = {}) =>
  (running ?? expect.unreachable()).app.inject({ url, remoteAddress, headers });
const boss = async () => (await running?.authorization(SUPER_ID)) ?? '';
const post = (url: string, remoteAddress = '203.0.113.1', headers = {}) =>
  (running ?? expect.unreachable()).app.inject({ method: 'POST', url, payload: {}, remoteAddress, headers });

describe('the global rate limit', () => {
  test('counts down in the headers, then answers 429 with Retry-After', async () => {
    await start({ rateLimits: { global: 3 } });
    for (const remaining of ['2', '1', '0']) {
      const { statusCode, headers } = await get('/api/auth/ways');
      expect(statusCode).toBe(200);
      expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['3', remaining]);
    }
    const refused = await get('/api/auth/ways');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({
      code: 'rate_limited',
      requestId: refused.headers['x-request-id'],
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['x-ratelimit-remaining']).toBe('0');
  });

  test('covers all routes, including refused calls and unknown paths', async () => {
    await start({ rateLimits: { global: 3 } });
    await get('/api/me');
    await get('/api/nowhere');
    await get('/api/servers');
    for (const url of ['/api/me', '/api/nowhere', '/api/openapi.json', '/api/docs/reference.js', '/'])
      expect((await get(url)).statusCode, url).toBe(429);
  });

  test('is separate for each address', async () => {
    await start({ rateLimits: { global: 1 } });
    expect((await get('/api/me', '203.0.113.1')).statusCode).toBe(401);
    expect((await get('/api/me', '203.0.113.1')).statusCode).toBe(429);
    expect((await get('/api/me', '203.0.113.2')).statusCode).toBe(401);
    expect((await get('/api/me', '2001:db8::1')).statusCode).toBe(401);
  });

  test('is shared by all addresses of an IPv6 /64', async () => {
    await start({ rateLimits: { global: 2 } });
    expect((await get('/api/me', '2001:db8:0:1::1')).statusCode).toBe(401);
    expect((await get('/api/me', '2001:DB8:0:1:ffff:1:2:3')).statusCode).toBe(401);
    for (const address of ['2001:db8:0:1::2', '2001:db8:0:1:a:b:c:d', '2001:0db8:0000:0001::1'])
      expect((await get('/api/me', address)).statusCode, address).toBe(429);
    for (const address of ['2001:db8:0:2::1', '2001:db8:1:1::1', '2001:db8::1'])
      expect((await get('/api/me', address)).statusCode, address).toBe(401);
  });

  test('treats an IPv4-mapped IPv6 address as the IPv4 address', async () => {
    await start({ rateLimits: { global: 1 } });
    expect((await get('/api/me', '203.0.113.1')).statusCode).toBe(401);
    for (const address of ['::ffff:203.0.113.1', '::ffff:cb00:7101', '::FFFF:203.0.113.1'])
      expect((await get('/api/me', address)).statusCode, address).toBe(429);
    expect((await get('/api/me', '::ffff:203.0.113.2')).statusCode).toBe(401);
  });
});

describe('rate limit headers', () => {
  test('show the remaining requests on every answer', async () => {
    await start({ rateLimits: { global: 20, auth: 20, exec: 20 }, routes: [usersForSuperAdmins] });
    const authorization = (await running?.authorization(42)) ?? '';
    const answers = [
      await get('/api/auth/ways'),
      await get('/api/me', undefined, { authorization }),
      await get('/api/tasks?limit=many', undefined, { authorization }),
      await get('/api/me'),
      await get('/api/admin/users', undefined, { authorization }),
      await get('/api/servers/srv_none', undefined, { authorization }),
      await get('/api/nowhere'),
      await post('/api/auth/link'),
      await post('/api/servers/srv_1/exec'),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([
      200, 200, 400, 401, 403, 404, 404, 400, 401,
    ]);
    expect(answers.map(({ headers }) => headers['x-ratelimit-limit'])).toEqual(Array(9).fill('20'));
    expect(answers.map(({ headers }) => headers['x-ratelimit-remaining'])).toEqual([
      '19',
      // Somebody who has proved who they are has a budget of their own.
      '19',
      '18',
      '18',
      '17',
      '16',
      '17',
      '19',
      '19',
    ]);
  });

  test('give the same wait as the body of a 429', async () => {
    await start({ rateLimits: { global: 1, auth: 1, exec: 1 } });
    for (const call of [
      () => get('/api/metrics'),
      () => get('/api/me'),
      () => post('/api/auth/link'),
      () => post('/api/servers/srv_1/exec'),
    ]) {
      await call();
      const { statusCode, headers, json } = await call();
      expect(statusCode).toBe(429);
      const wait = Number(headers['retry-after']);
      expect(Number.isInteger(wait) && wait >= 1 && wait <= 60).toBe(true);
      expect(headers).toMatchObject({ 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0' });
      expect(json()).toMatchObject({
        code: 'rate_limited',
        requestId: headers['x-request-id'],
        details: { limit: 1, retryAfterS: wait },
      });
    }
  });

  test('are exposed to the web app on another origin, on refusals too', async () => {
    await start({ appDomain: 'buoy.example.org', rateLimits: { global: 1 } });
    const origin = 'https://buoy.example.org';
    await get('/api/me', undefined, { origin });
    const refused = await get('/api/me', undefined, { origin });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['access-control-allow-origin']).toBe(origin);
    const exposed = String(refused.headers['access-control-expose-headers']).split(', ');
    for (const name of ['x-request-id', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'retry-after'])
      expect(exposed).toContain(name);
  });
});

describe('calls without a rate limit', () => {
  test('include the health check', async () => {
    await start({ rateLimits: { global: 1 } });
    for (const status of [401, 429]) expect((await get('/api/me')).statusCode).toBe(status);
    for (let check = 0; check < 10; check += 1) {
      const { statusCode, headers } = await get('/api/health');
      expect([statusCode, headers['x-ratelimit-limit']]).toEqual([200, undefined]);
    }
  });

  test('share one database query among parallel health checks', async () => {
    let asked = 0;
    const answer = Promise.withResolvers<void>();
    const ping = () => {
      asked += 1;
      return answer.promise;
    };
    await start({ ping });
    const checks = Array.from({ length: 50 }, () => get('/api/health'));
    await until(() => asked > 0, 'the database is asked');
    answer.resolve();
    expect(new Set((await Promise.all(checks)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(asked).toBe(1);
    await get('/api/health');
    expect(asked).toBe(2);
  });
});

describe('the metrics rate limit', () => {
  test('is separate from other requests', async () => {
    await start({ rateLimits: { global: 2 } });
    for (const status of [401, 401, 429]) expect((await get('/api/me')).statusCode).toBe(status);
    for (const status of [404, 404, 429])
      expect((await get('/api/metrics', undefined, { authorization: await boss() })).statusCode).toBe(status);
    for (const status of [401, 401, 429]) expect((await get('/api/metrics')).statusCode).toBe(status);
  });
});

describe('the sign-in rate limit', () => {
  test('is shared by all sign-in methods and separate from other calls', async () => {
    await start({ rateLimits: { global: 50, auth: 2 } });
    expect((await post('/api/auth/link')).statusCode).toBe(400);
    const second = await post('/api/auth/telegram');
    expect([second.headers['x-ratelimit-limit'], second.headers['x-ratelimit-remaining']]).toEqual([
      '2',
      '0',
    ]);
    expect((await post('/api/auth/device')).statusCode).toBe(429);
    expect((await post('/api/auth/link')).statusCode).toBe(429);
    expect((await post('/api/auth/refresh')).statusCode).toBe(401);
    expect((await get('/api/me')).statusCode).toBe(401);
  });

  test('or a limit of its own holds for every POST below /auth but the polling of a device, whose code nobody guesses', () => {
    const without = Object.entries<Endpoint>(contract)
      .filter(([key, { rateLimit }]) => key.startsWith('POST /auth/') && rateLimit === undefined)
      .map(([key]) => key);
    expect(without).toEqual(['POST /auth/device/token']);
  });

  test('is not used up by other calls', async () => {
    await start({ rateLimits: { global: 50, auth: 1 } });
    for (let call = 0; call < 5; call += 1) await get('/api/me');
    expect((await post('/api/auth/link')).statusCode).toBe(400);
  });

  test('holds under many parallel wrong codes', async () => {
    const { app } = await start({ rateLimits: { auth: 5 } });
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/auth/link`;
    const tried = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: `{"code":"${index}"}`,
        }),
      ),
    );
    expect(tried.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(tried.filter(({ status }) => status === 429)).toHaveLength(45);
  });
});

describe('the rate limit of a session for itself', () => {
  test('holds for whatever ends a sign-in or what signs in, and for no other ending', () => {
    const others = Object.entries<Endpoint>(contract)
      .filter(([key, { rateLimit }]) => endsAccessOrWork(key) && rateLimit !== 'ending')
      .map(([key]) => key)
      .filter((key) => !/ \/(servers|rollouts|status-pages|tasks|update-policies)\//.test(key));
    expect(others).toEqual([]);
    for (const [key, { rateLimit }] of Object.entries<Endpoint>(contract))
      if (rateLimit === 'ending') expect([key, endsAccessOrWork(key)]).toEqual([key, true]);
  });
});

describe('the command rate limit', () => {
  test('is separate', async () => {
    await start({ rateLimits: { global: 50, exec: 1 } });
    expect((await post('/api/servers/srv_1/exec')).statusCode).toBe(401);
    expect((await post('/api/servers/srv_2/exec')).statusCode).toBe(429);
    expect((await post('/api/servers/srv_1/test')).statusCode).toBe(401);
  });
});

describe("the caller's address", () => {
  /** The address that a sign-in from there is remembered with. */
  const addressSeen = async (trustProxy: number, remoteAddress: string, forwarded?: string) => {
    const { app, linkCodeFor } = await start({ trustProxy });
    await running?.authorization(42);
    const { token } = (
      await app.inject({
        method: 'POST',
        url: '/api/auth/link',
        payload: { code: await linkCodeFor('42') },
        remoteAddress,
        headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      })
    ).json();
    const { sessions } = (
      await app.inject({ url: '/api/me/sessions', headers: { authorization: `Bearer ${token}` } })
    ).json<{ sessions: Array<{ current: boolean; ip: string }> }>();
    return sessions.find(({ current }) => current)?.ip;
  };

  const chain = '6.6.6.6, 198.51.100.7, 10.0.0.2';

  test.each([
    [0, undefined, '10.0.0.1'],
    [0, chain, '10.0.0.1'],
    [1, undefined, '10.0.0.1'],
    [1, chain, '10.0.0.2'],
    [2, chain, '198.51.100.7'],
    [3, chain, '6.6.6.6'],
    // More trusted proxies than there are entries: the first entry is all that is known.
    [9, chain, '6.6.6.6'],
    [1, '2001:db8::7', '2001:db8::7'],
  ])('behind %i proxies, with X-Forwarded-For %s, is %s', async (trustProxy, forwarded, expected) => {
    expect(await addressSeen(trustProxy, '10.0.0.1', forwarded)).toBe(expected);
  });

  /** One call on each budget; 429 tells that it is used up. */
  const calls = [
    ['everything', (address: string, headers: object) => get('/api/me', address, headers)],
    ['metrics', (address: string, headers: object) => get('/api/metrics', address, headers)],
    ['renewals', (address: string, headers: object) => post('/api/auth/refresh', address, headers)],
    ['signing in', (address: string, headers: object) => post('/api/auth/link', address, headers)],
    ['commands', (address: string, headers: object) => post('/api/servers/srv_1/exec', address, headers)],
  ] as const;
  const rateLimits = { global: 1, auth: 1, exec: 1 };

  describe.each(calls)('the rate limit for %s', (_budget, call) => {
    test.each([0, 1, 2])(
      'cannot be reset by a forged X-Forwarded-For behind %i proxies',
      async (trustProxy) => {
        await start({ trustProxy, rateLimits });
        // What each trusted proxy adds at the end, the nearest one's own address being that of the socket.
        const added = ['198.51.100.7', '10.0.0.2'].slice(0, trustProxy);
        const through = (madeUp: string) =>
          call('10.0.0.1', { 'x-forwarded-for': [madeUp, ...added].join(', ') });
        expect((await through('1.1.1.1')).statusCode).not.toBe(429);
        for (const madeUp of ['2.2.2.2', '3.3.3.3, 4.4.4.4', '2001:db8:5::1', 'unknown', ''])
          expect((await through(madeUp)).statusCode, madeUp).toBe(429);
      },
    );

    test('is separate for two callers behind one proxy', async () => {
      await start({ trustProxy: 1, rateLimits });
      const from = (address: string) => call('10.0.0.1', { 'x-forwarded-for': address });
      for (const address of ['198.51.100.7', '198.51.100.8', '2001:db8:0:1::1', '2001:db8:0:2::1'])
        expect((await from(address)).statusCode, address).not.toBe(429);
      for (const address of ['198.51.100.7', '198.51.100.8', '2001:db8:0:1::2', '2001:db8:0:2::2'])
        expect((await from(address)).statusCode, address).toBe(429);
    });
  });
});
