import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeOf, serverPath } from './paths.ts';

describe('a path', () => {
  it.each([
    ['/', { kind: 'home' }],
    ['/sign-in', { kind: 'home' }],
    ['/servers/new', { kind: 'add-server' }],
    ['/servers/s_1', { kind: 'server', serverId: 's_1', section: null, rest: [] }],
    ['/servers/s_1/agents/main', { kind: 'server', serverId: 's_1', section: 'agents', rest: ['main'] }],
    ['/rollouts/new', { kind: 'page', name: 'rollouts', rest: ['new'] }],
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
