// Authorization: every route declares a policy or Buoy does not start, and callers without access are refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DurabilityApp, SUPER_ID, startDurabilityApp } from '../../test/support/durability-app.ts';
import { AppError } from '../lib/app-error.ts';
import { admin, owner, serverInPath, signedIn, viewer } from './policies.ts';
import { route } from './route.ts';

describe('Buoy does not start', () => {
  test('with a route without a policy, and names it', async () => {
    const start = startDurabilityApp({ addRoutes: (app) => void app.get('/x', () => 'hello') });
    await expect(start).rejects.toThrow('The route GET /x declares no policy; Buoy does not start with it.');
  });

  test('with a policy-free route below a prefix or with an unusual method', async () => {
    const hidden = startDurabilityApp({
      addRoutes: (app) =>
        void app.register(
          async (inner) => {
            inner.route({ method: ['PATCH', 'HEAD'], url: '/y', handler: () => 'hello' });
          },
          { prefix: '/api' },
        ),
    });
    await expect(hidden).rejects.toThrow(/declares no policy/);
  });

  test.each(['GET /me', 'POST /servers/:id/exec', 'GET /tasks/:id/events'] as const)(
    'when %s of the contract is not bound, and names it',
    async (key) => {
      await expect(startDurabilityApp({ unbound: [key] })).rejects.toThrow(
        `In the contract but not bound: ${key}.`,
      );
    },
  );

  test('when an endpoint is bound twice, and names it', async () => {
    const once = route('GET /me', signedIn, ({ caller }) => ({ user: caller.user }));
    await expect(startDurabilityApp({ more: [once] })).rejects.toThrow('Bound twice: GET /me.');
  });
});

describe('roles on a server', () => {
  const servers = { viewer: 'srv_viewer', admin: 'srv_admin', owner: 'srv_owner' } as const;
  let running: DurabilityApp;
  let member: string;
  let boss: string;

  const reached = (): never => {
    throw new AppError('unsupported', 'The handler was reached.');
  };

  beforeAll(async () => {
    running = await startDurabilityApp({
      routes: [
        route('GET /servers/:id', viewer(serverInPath), reached),
        route('PUT /servers/:id', admin(serverInPath), reached),
        route('DELETE /servers/:id', owner(serverInPath), reached),
        { ...route('GET /servers', signedIn, reached), policy: { who: 'super' } },
      ],
    });
    member = await running.authorization(42);
    boss = await running.authorization(SUPER_ID);
    for (const [role, id] of Object.entries(servers))
      await running.addServer(id, 42, role as keyof typeof servers);
    await running.addServer('srv_foreign', 7, 'owner');
  });
  afterAll(() => running.close());

  const call = async (method: 'GET' | 'PUT' | 'DELETE' | 'HEAD', url: string, authorization?: string) => {
    const response = await running.app.inject({
      method,
      url: `/api${url}`,
      headers: authorization === undefined ? {} : { authorization },
      ...(method === 'PUT' ? { payload: {} } : {}),
    });
    return response.statusCode;
  };
  const IN = 422;

  test.each([
    ['viewer', 'GET', IN],
    ['viewer', 'PUT', 403],
    ['viewer', 'DELETE', 403],
    ['admin', 'GET', IN],
    ['admin', 'PUT', IN],
    ['admin', 'DELETE', 403],
    ['owner', 'GET', IN],
    ['owner', 'PUT', IN],
    ['owner', 'DELETE', IN],
  ] as const)('as %s, %s answers %i', async (role, method, status) => {
    expect(await call(method, `/servers/${servers[role]}`, member)).toBe(status);
  });

  test("another person's server and a missing one both answer 404", async () => {
    const answers = await Promise.all(
      ['srv_foreign', 'srv_none'].map(async (id) => {
        const { statusCode, body } = await running.app.inject({
          method: 'DELETE',
          url: `/api/servers/${id}`,
          headers: { authorization: member },
        });
        return { statusCode, error: JSON.parse(body).error };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.statusCode).toBe(404);
  });

  test('a super-admin is owner of every existing server and no other', async () => {
    expect(await call('DELETE', '/servers/srv_foreign', boss)).toBe(IN);
    expect(await call('DELETE', '/servers/srv_none', boss)).toBe(404);
  });

  test('super-admin routes answer 403 to other people and 401 without sign-in', async () => {
    expect(await call('GET', '/servers', boss)).toBe(IN);
    expect(await call('GET', '/servers', member)).toBe(403);
    expect(await call('GET', '/servers')).toBe(401);
  });

  test('HEAD has the same access as GET', async () => {
    expect(await call('HEAD', '/servers/srv_owner')).toBe(401);
    expect(await call('HEAD', '/servers/srv_foreign', member)).toBe(404);
    expect(await call('HEAD', '/servers/srv_owner', member)).toBe(IN);
  });

  test('a revoked role has no effect on the next call', async () => {
    await running.addServer('srv_shared', 42, 'admin');
    expect(await call('PUT', '/servers/srv_shared', member)).toBe(IN);
    await running.revokeGrants('srv_shared');
    expect(await call('PUT', '/servers/srv_shared', member)).toBe(404);
  });
});

describe('a bearer token', () => {
  let running: DurabilityApp;
  beforeAll(async () => {
    running = await startDurabilityApp();
  });
  afterAll(() => running.close());
  const me = async (headers: Record<string, string>) =>
    (await running.app.inject({ url: '/api/me', headers })).statusCode;

  test('is read from the Authorization header, with "bearer" in any case', async () => {
    const authorization = await running.authorization(42);
    expect(await me({ authorization })).toBe(200);
    expect(await me({ authorization: authorization.replace('Bearer', 'bearer') })).toBe(200);
  });

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic dXNlcjpwYXNz',
    'Bearer a b',
    'Bearer a.b.c',
    'Token x',
    'Bearer \u00e9',
  ])('is missing when the header is "%s": 401', async (authorization) => {
    expect(await me({ authorization })).toBe(401);
  });

  test('is not read from a cookie, the query or the body', async () => {
    const token = (await running.authorization(42)).slice('Bearer '.length);
    for (const cookie of [
      `token=${token}`,
      `__Host-Http-buoy_refresh=${token}`,
      `authorization=Bearer ${token}`,
    ])
      expect(await me({ cookie })).toBe(401);
    for (const name of ['token', 'access_token', 'authorization'])
      expect((await running.app.inject(`/api/me?${name}=${token}`)).statusCode).toBe(401);
  });
});

describe('the refresh cookie', () => {
  let running: DurabilityApp;
  beforeAll(async () => {
    running = await startDurabilityApp();
  });
  afterAll(() => running.close());
  const signInByLink = async () => {
    await running.authorization(42);
    const response = await running.app.inject({
      method: 'POST',
      url: '/api/auth/link',
      payload: { code: await running.linkCodeFor('42') },
    });
    return { response, cookie: response.cookies.find(({ name }) => name === '__Host-Http-buoy_refresh') };
  };
  const refresh = (cookie: string, headers: Record<string, string> = {}) =>
    running.app.inject({
      method: 'POST',
      url: '/api/auth/refresh',
      headers: { cookie: `__Host-Http-buoy_refresh=${cookie}`, ...headers },
    });

  test('is HttpOnly, host-only, TLS-only and SameSite=Strict', async () => {
    const { response, cookie } = await signInByLink();
    expect(response.statusCode).toBe(200);
    expect(cookie).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: 30 * 86_400,
    });
    expect(response.body).not.toContain(cookie?.value);
  });

  test('yields a new token and cookie; reusing the old cookie ends the session', async () => {
    const { cookie } = await signInByLink();
    const first = await refresh(cookie?.value ?? '');
    expect(first.statusCode).toBe(200);
    expect(first.cookies[0]?.value).not.toBe(cookie?.value);
    const second = await refresh(first.cookies[0]?.value ?? '');
    expect(second.statusCode).toBe(200);
    const reused = await refresh(cookie?.value ?? '');
    expect([reused.statusCode, reused.json().code]).toEqual([401, 'session_revoked']);
    expect((await refresh(second.cookies[0]?.value ?? '')).statusCode).toBe(401);
  });

  test('is removed at sign-out, and the token is invalid at once', async () => {
    const { response, cookie } = await signInByLink();
    const authorization = `Bearer ${response.json().token}`;
    const logout = await running.app.inject({
      method: 'POST',
      url: '/api/auth/logout',
      headers: { authorization },
    });
    expect(logout.statusCode).toBe(204);
    expect(logout.cookies[0]).toMatchObject({ name: '__Host-Http-buoy_refresh', value: '', path: '/' });
    expect((await running.app.inject({ url: '/api/me', headers: { authorization } })).statusCode).toBe(401);
    expect((await refresh(cookie?.value ?? '')).statusCode).toBe(401);
  });

  test('is not returned to a caller without the cookie who repeats the Idempotency-Key', async () => {
    const { cookie } = await signInByLink();
    const key = { 'idempotency-key': 'key-1' };
    const first = await refresh(cookie?.value ?? '', key);
    expect(first.statusCode).toBe(200);
    const bare = running.app.inject({ method: 'POST', url: '/api/auth/refresh', headers: key });
    for (const [answer, status] of [
      // Callers without credentials cannot be told apart, so no answer is kept for them.
      [await bare, 401],
      [await refresh('', key), 409],
      [await refresh('ses_x.y', key), 409],
    ] as const) {
      expect(answer.statusCode).toBe(status);
      expect(answer.body).not.toContain('"token"');
    }
    // A caller with the cookie that lost the answer gets it again.
    expect((await refresh(cookie?.value ?? '', key)).json()).toEqual(first.json());
  });
});

describe('If-Match', () => {
  let running: DurabilityApp;
  let authorization: string;
  let seen: number | null | undefined;
  beforeAll(async () => {
    running = await startDurabilityApp({
      routes: [
        route('PUT /servers/:id', signedIn, ({ ifMatch }) => {
          seen = ifMatch;
          throw new AppError('unsupported', 'Seen.');
        }),
      ],
    });
    authorization = await running.authorization(42);
  });
  afterAll(() => running.close());

  test.each([
    ['"3"', 3],
    ['W/"3"', 3],
    ['3', 3],
    ['*', null],
    ['"three"', Number.NaN],
    ['"1", "2"', Number.NaN],
    ['', Number.NaN],
  ])('%s is parsed as %s', async (value, version) => {
    await running.app.inject({
      method: 'PUT',
      url: '/api/servers/srv_1',
      headers: { authorization, 'if-match': value },
      payload: {},
    });
    expect(seen).toBe(version);
  });
});
