import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEW_POLICY_PATH, policyPath, routeOf, serverPath, tagInPath } from './paths.ts';

describe('a path', () => {
  it.each([
    ['/', { kind: 'home' }],
    ['/sign-in', { kind: 'home' }],
    ['/servers/new', { kind: 'add-server' }],
    ['/servers/new/several', { kind: 'bulk-setup' }],
    ['/servers/new/several/more', { kind: 'unknown' }],
    ['/servers/s_1', { kind: 'server', serverId: 's_1', section: null, rest: [] }],
    ['/servers/s_1/agents/main', { kind: 'server', serverId: 's_1', section: 'agents', rest: ['main'] }],
    ['/servers/s_1/history', { kind: 'server', serverId: 's_1', section: 'history', rest: [] }],
    ['/rollouts/new', { kind: 'page', name: 'rollouts', rest: ['new'] }],
    ['/update-policies/a%2Fb', { kind: 'page', name: 'update-policies', rest: ['a/b'] }],
    ['/admin/backups', { kind: 'page', name: 'admin', rest: ['backups'] }],
    ['/servers/s_1/nonsense', { kind: 'unknown' }],
    ['/servers/..%2f', { kind: 'unknown' }],
    ['/toString', { kind: 'unknown' }],
    ['/servers/s_1/toString', { kind: 'unknown' }],
  ])('%s shows %j', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });

  it.each(['\ud800', 'agent:main:\udc00', '\ud83dx'])(
    'can be made of %j, which no address can hold',
    (name) => {
      expect(routeOf(serverPath('s_1', 'sessions', name))).toMatchObject({ rest: [name.toWellFormed()] });
    },
  );

  it('accepts names with any character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: 'grapheme' })), (rest) => {
        expect(routeOf(serverPath('s_1', 'sessions', ...rest))).toEqual({
          kind: 'server',
          serverId: 's_1',
          section: 'sessions',
          rest,
        });
      }),
    );
  });
});

describe('the path of an update policy', () => {
  it('leads to its tag, whatever that is', () => {
    const tag = fc.oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.constantFrom('~new', '~~new', '~'),
    );
    fc.assert(
      fc.property(tag, (any) => {
        const route = routeOf(policyPath(any));
        expect(route).toMatchObject({ name: 'update-policies', rest: [expect.any(String)] });
        expect('rest' in route && tagInPath(route.rest[0] ?? '')).toBe(any);
      }),
    );
  });

  it('is not that of a new one', () => {
    expect(routeOf(NEW_POLICY_PATH)).toMatchObject({ name: 'update-policies', rest: ['~new'] });
    expect(tagInPath('~new')).toBeNull();
  });
});
