// API token rights: every route with every set of scopes against the documented rule.
import { readdirSync } from 'node:fs';
import { type Role, type Scope, scope } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../users/caller.ts';
import { userWith } from '../users/testing/people.ts';
import { createAuthorizer, type Resource, scopeFor } from './authorize.ts';
import {
  admin,
  inPerson,
  metricsReader,
  owner,
  serverInPath,
  signedIn,
  superAdmin,
  viewer,
} from './policies.ts';
import { globalScope, type Policy, type Route } from './route.ts';

/** A stub for every feature, which routes only store. */
const nothing: never = new Proxy(() => nothing, { get: () => nothing }) as never;

async function allRoutes(): Promise<Route[]> {
  const folder = new URL('../routes/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  return modules.flatMap((module: Record<string, (parts: never) => Route[]>) =>
    Object.entries(module)
      .filter(([name]) => name.endsWith('Routes'))
      .flatMap(([, make]) => make(nothing)),
  );
}
const routes = await allRoutes();

/** Authorizes a caller with these scopes whose person has `role` on every server. */
async function answer(
  policy: Policy,
  method: string,
  scopes: readonly Scope[] | null,
  more: { role?: Role; isSuperAdmin?: boolean; approved?: boolean; resource?: Resource } = {},
): Promise<'in' | string> {
  const {
    role = 'owner',
    isSuperAdmin = true,
    approved = true,
    resource = 'serverOf' in policy ? 'srv_1' : null,
  } = more;
  const authorizer = createAuthorizer({
    authentication: { authenticate: () => expect.unreachable(), current: async (one) => one },
    access: { roleOf: async () => role, visibleServerIds: async () => null } as never,
  });
  const caller: Caller = {
    user: userWith('42', { isSuperAdmin, approved }),
    sessionId: scopes === null ? 'ses_1' : null,
    apiToken: scopes === null ? null : { id: 'tok_1', scopes },
  };
  return authorizer.authorize(policy, method, caller, resource).then(
    () => 'in',
    (error: { code: string }) => error.code,
  );
}

/** The scopes that a route accepts, as documented: read reads, operate administers servers, admin acts as its person. */
function opening(key: string, policy: Policy): Scope[] {
  if ('inPerson' in policy && policy.inPerson) return [];
  if (key === 'GET /metrics') return ['metrics', 'admin'];
  if (policy.who === 'super' || policy.who === 'owner' || 'endsOwnRole' in policy) return ['admin'];
  const isRead = key.startsWith('GET ') && policy.who !== 'admin';
  return isRead ? ['read', 'operate', 'admin'] : ['operate', 'admin'];
}

const subsets = Array.from({ length: 2 ** scope.options.length }, (_, bits) =>
  scope.options.filter((_scope, resource) => (bits & (1 << resource)) !== 0),
);
const closed = routes.filter(({ policy }) => policy.who !== 'public');

describe.each(closed.map(({ key, policy }) => ({ key, policy })))('$key', ({ key, policy }) => {
  const [method = ''] = key.split(' ');

  test("accepts an API token exactly with the required scopes, whatever the person's role", async () => {
    const opens = opening(key, policy);
    for (const scopes of subsets) {
      const wanted = scopes.some((one) => opens.includes(one)) ? 'in' : 'forbidden';
      expect(await answer(policy, method, scopes), scopes.join()).toBe(wanted);
    }
    expect(await answer(policy, method, null)).toBe('in');
  });

  test('refuses an API token where its person has no access', async () => {
    const everything = scope.options;
    if (policy.who === 'super')
      expect(await answer(policy, method, everything, { isSuperAdmin: false })).toBe('forbidden');
    if (policy.who === 'admin' || policy.who === 'owner')
      expect(await answer(policy, method, everything, { role: 'viewer' })).toBe('forbidden');
  });
});

test('the scope tests cover more than forty routes of every kind', () => {
  expect(closed.length).toBeGreaterThan(40);
  expect(new Set(closed.map(({ policy }) => policy.who))).toEqual(
    new Set(['user', 'super', 'owner', 'admin', 'viewer']),
  );
});

describe('required scope', () => {
  test.each([
    ['a person’s own things', signedIn, 'GET', 'read'],
    ['a person’s own things', signedIn, 'POST', 'operate'],
    ['what a viewer reads', viewer(serverInPath), 'GET', 'read'],
    ['what a viewer changes', viewer(serverInPath), 'POST', 'operate'],
    ['what an admin sees alone', admin(serverInPath), 'GET', 'operate'],
    ['what an admin does', admin(serverInPath), 'PUT', 'operate'],
    ['what an owner sees alone', owner(serverInPath), 'GET', 'admin'],
    ['what an owner does', owner(serverInPath), 'DELETE', 'admin'],
    ['what a super-admin does', superAdmin, 'GET', 'admin'],
    ['the metrics', metricsReader, 'GET', 'metrics'],
  ] as const)('for %s, by a policy for %o and %s, is %s', (_what, policy, method, needed) => {
    expect(scopeFor(policy, method, null)).toBe(needed);
  });

  test('is admin for changes to the whole Buoy, as for super-admin routes', async () => {
    const resource: Resource = globalScope;
    expect(await answer(viewer(serverInPath), 'GET', ['read'], { resource })).toBe('in');
    for (const policy of [admin(serverInPath), viewer(serverInPath)]) {
      expect(await answer(policy, 'POST', ['read', 'operate', 'metrics'], { resource })).toBe('forbidden');
      expect(await answer(policy, 'POST', ['admin'], { resource })).toBe('in');
    }
    expect(await answer(viewer(serverInPath), 'GET', ['admin'], { resource, isSuperAdmin: false })).toBe(
      'not_found',
    );
  });
});

describe('a person without approval calling', () => {
  const open = ['GET /me', 'GET /me/notification-prefs', 'PUT /me/notification-prefs'];
  const stranger = { approved: false, isSuperAdmin: false, role: 'owner' as const };

  test.each(closed.map(({ key, policy }) => ({ key, policy })))('$key', async ({ key, policy }) => {
    const [method = ''] = key.split(' ');
    const isOpen = [...open, 'POST /invites/accept', 'POST /auth/logout'].includes(key);
    for (const scopes of [null, scope.options]) {
      const said = await answer(policy, method, scopes, stranger);
      if (!isOpen) expect(said).toBe('not_approved');
      else if (scopes === null) expect(said).toBe('in');
    }
    // Also where there is nothing that the path leads to.
    if ('serverOf' in policy && !isOpen)
      expect(await answer(policy, method, null, { ...stranger, resource: null })).toBe('not_approved');
  });
});

test('session-only routes refuse an API token with every scope', async () => {
  expect(await answer(inPerson, 'POST', scope.options)).toBe('forbidden');
  expect(await answer(inPerson, 'POST', null)).toBe('in');
});
