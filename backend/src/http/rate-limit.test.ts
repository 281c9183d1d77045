// Requests a minute by address: three budgets, counted apart, and an address that nobody can make up.
import { afterEach, describe, expect, test } from 'vitest';
import { type DoorApp, type DoorAppOptions, startDoorApp } from '../../test/support/durability-app.ts';

let running: DoorApp | undefined;
afterEach(() => running?.close());

async function start(options: DoorAppOptions): Promise<DoorApp> {
  running = await startDoorApp(options);
  return running;
}

const get = (url: string, remoteAddress = '203.0.113.1', headers = {}) =>
  (running ?? expect.unreachable()).app.inject({ url, remoteAddress, headers });
const post = (url: string, remoteAddress = '203.0.113.1', headers = {}) =>
  (running ?? expect.unreachable()).app.inject({ method: 'POST', url, payload: {}, remoteAddress, headers });

describe('the budget for everything', () => {
  test('counts down in the headers, then refuses with the seconds to wait', async () => {
    await start({ rateLimits: { global: 3 } });
    for (const remaining of ['2', '1', '0']) {
      const { statusCode, headers } = await get('/api/health');
      expect(statusCode).toBe(200);
      expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['3', remaining]);
    }
    const refused = await get('/api/health');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({
      code: 'rate_limited',
      requestId: refused.headers['x-request-id'],
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['x-ratelimit-remaining']).toBe('0');
  });

  test('is one for all routes, also for those that refuse the caller and for paths that are not there', async () => {
    await start({ rateLimits: { global: 3 } });
    await get('/api/me');
    await get('/api/nowhere');
    await get('/api/servers');
    for (const url of ['/api/me', '/api/nowhere', '/api/health', '/'])
      expect((await get(url)).statusCode, url).toBe(429);
  });

  test('is one for each address', async () => {
    await start({ rateLimits: { global: 1 } });
    expect((await get('/api/health', '203.0.113.1')).statusCode).toBe(200);
    expect((await get('/api/health', '203.0.113.1')).statusCode).toBe(429);
    expect((await get('/api/health', '203.0.113.2')).statusCode).toBe(200);
    expect((await get('/api/health', '2001:db8::1')).statusCode).toBe(200);
  });
});

describe('the budget for signing in', () => {
  test('is shared by all ways to sign in, and apart from everything else', async () => {
    await start({ rateLimits: { global: 50, auth: 2 } });
    expect((await post('/api/auth/link')).statusCode).toBe(400);
    const second = await post('/api/auth/telegram');
    expect([second.headers['x-ratelimit-limit'], second.headers['x-ratelimit-remaining']]).toEqual([
      '2',
      '0',
    ]);
    expect((await post('/api/auth/refresh')).statusCode).toBe(429);
    expect((await post('/api/auth/link')).statusCode).toBe(429);
    expect((await get('/api/health')).statusCode).toBe(200);
  });

  test('is not eaten up by other calls', async () => {
    await start({ rateLimits: { global: 50, auth: 1 } });
    for (let call = 0; call < 5; call += 1) await get('/api/health');
    expect((await post('/api/auth/link')).statusCode).toBe(400);
  });

  test('holds however many wrong codes are tried in parallel', async () => {
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

describe('the budget for commands', () => {
  test('is its own', async () => {
    await start({ rateLimits: { global: 50, exec: 1 } });
    expect((await post('/api/servers/srv_1/exec')).statusCode).toBe(401);
    expect((await post('/api/servers/srv_2/exec')).statusCode).toBe(429);
    expect((await post('/api/servers/srv_1/test')).statusCode).toBe(401);
  });
});

describe('the address of the caller', () => {
  /** The address that a sign-in from there is remembered with. */
  const addressSeen = async (trustProxy: number, remoteAddress: string, forwarded?: string) => {
    const { app, signIn } = await start({ trustProxy });
    await running?.authorization(42);
    const { token } = (
      await app.inject({
        method: 'POST',
        url: '/api/auth/link',
        payload: { code: await signIn.linkFor('42') },
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

  test('cannot be changed by a made-up X-Forwarded-For to get a fresh budget', async () => {
    for (const trustProxy of [0, 1]) {
      await start({ trustProxy, rateLimits: { global: 1 } });
      const through = (madeUp: string) =>
        get('/api/health', '10.0.0.1', {
          'x-forwarded-for': trustProxy === 0 ? madeUp : `${madeUp}, 198.51.100.7`,
        });
      expect((await through('1.1.1.1')).statusCode).toBe(200);
      expect((await through('2.2.2.2')).statusCode).toBe(429);
      await running?.close();
    }
    running = undefined;
  });

  test('behind a proxy, two callers have a budget each', async () => {
    await start({ trustProxy: 1, rateLimits: { global: 1 } });
    for (const address of ['198.51.100.7', '198.51.100.8'])
      expect((await get('/api/health', '10.0.0.1', { 'x-forwarded-for': address })).statusCode).toBe(200);
    expect((await get('/api/health', '10.0.0.1', { 'x-forwarded-for': '198.51.100.7' })).statusCode).toBe(
      429,
    );
  });
});
