// What a patch says of itself: a new secret shows as a change without its text, a hidden one that comes back shows as nothing.
import { describe, expect, test } from 'vitest';
import { namedChanges, refuseHiddenInLists, withoutHidden } from './patch-changes.ts';

const hidden = '__OPENCLAW_REDACTED__';
const now = { gateway: { port: 1, auth: { token: hidden } }, tools: { allow: ['x'] } };

describe('namedChanges', () => {
  test('a new secret is a change whose text nobody sees', () => {
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

test('hidden values that come back are left out, with the objects that hold nothing else', () => {
  expect(
    withoutHidden({ gateway: { auth: { token: hidden } }, a: { b: '__BUOY_REDACTED__', c: 1 }, empty: {} }),
  ).toEqual({ a: { c: 1 }, empty: {} });
});

test('a list with a value that only Buoy hid is refused: it would be written as the mask', () => {
  expect(() => refuseHiddenInLists({ a: { list: [{ env: '__BUOY_REDACTED__' }] } })).toThrow(
    'A list in this change contains a value that Buoy hides.',
  );
  expect(() => refuseHiddenInLists({ a: { list: [{ token: hidden }] } })).not.toThrow();
});
