// The changes that a patch names: a new secret appears without its text, a mask sent back is no change.
import { describe, expect, test } from 'vitest';
import { namedChanges, refuseHiddenInLists, withoutHidden } from './patch-changes.ts';

const hidden = '__OPENCLAW_REDACTED__';
const now = { gateway: { port: 1, auth: { token: hidden } }, tools: { allow: ['x'] } };

describe('namedChanges', () => {
  test('a new secret is a change without its text', () => {
    expect(namedChanges(now, { gateway: { auth: { token: 'new-secret' } } })).toEqual([
      {
        keys: ['gateway', 'auth', 'token'],
        path: 'gateway.auth.token',
        kind: 'changed',
        before: hidden,
        after: '__BUOY_REDACTED__',
      },
    ]);
  });

  test('what is there already is no change; null removes; what is new is added without its nulls', () => {
    const changes = namedChanges(now, {
      gateway: { port: 1 },
      tools: null,
      nothing: null,
      fresh: { a: 1, b: null },
    });
    expect(changes.map(({ keys: _keys, ...change }) => change)).toEqual([
      { path: 'tools', kind: 'removed', before: { allow: ['x'] }, after: null },
      { path: 'fresh', kind: 'added', before: null, after: { a: 1 } },
    ]);
  });
});

test('masked values sent back are removed, with objects that become empty', () => {
  expect(
    withoutHidden({ gateway: { auth: { token: hidden } }, a: { b: '__BUOY_REDACTED__', c: 1 }, empty: {} }),
  ).toEqual({ a: { c: 1 }, empty: {} });
});

test('a list with a masked value is refused, because the mask would be written', () => {
  expect(() => refuseHiddenInLists({ a: { list: [{ env: '__BUOY_REDACTED__' }] } })).toThrow(
    'A list in this change contains a value that Buoy hides.',
  );
  expect(() => refuseHiddenInLists({ a: { list: [{ token: hidden }] } })).not.toThrow();
});
