// The changes that a patch names: a new secret appears without its text, a mask sent back is no change.
import { type ConfigObject, isObject, withValue } from '@buoy/contract/config-patch';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namedChanges, wantedChanges } from './patch-changes.ts';
import { redactConfig } from './redact-config.ts';

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

  test('each new value is shown as in a config that holds nothing else', () => {
    const name = fc.constantFrom('a', 'b', 'token', 'env', 'keys', 'value', 'source', 'id', '__proto__');
    const text = fc.constantFrom('plain', '', hidden, '--api-key', 'token=plain');
    const { config } = fc.letrec<{ config: ConfigObject; value: unknown }>((tie) => ({
      config: fc
        .array(fc.tuple(name, tie('value')), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries) as ConfigObject),
      value: fc.oneof({ maxDepth: 4 }, text, fc.array(text, { maxLength: 3 }), tie('config'), tie('config')),
    }));
    const at = (whole: unknown, keys: readonly string[]) =>
      keys.reduce<unknown>((outer, key) => (isObject(outer) ? outer[key] : undefined), whole);
    fc.assert(
      fc.property(config, config, (before, patch) => {
        for (const { keys, after } of namedChanges(before, patch)) {
          const alone = withValue({}, keys, { value: at(patch, keys) });
          expect(after).toEqual(at(redactConfig(alone), keys));
        }
      }),
    );
  });
});

const noTurns = () => Promise.resolve();

test('masked values sent back are removed, with objects that become empty', async () => {
  const patch = { gateway: { auth: { token: hidden } }, a: { b: '__BUOY_REDACTED__', c: 1 }, empty: {} };
  const { wanted, named } = await wantedChanges(now, patch, noTurns);
  expect(wanted).toEqual({ a: { c: 1 }, empty: {} });
  expect(named.map(({ path }) => path)).toEqual(['a', 'empty']);
});

test('a list with a masked value is refused, because the mask would be written', async () => {
  const wanted = (list: unknown[]) => wantedChanges(now, { a: { list } }, noTurns);
  await expect(wanted([{ env: '__BUOY_REDACTED__' }])).rejects.toThrow(
    'A list in this change contains a value that Buoy hides.',
  );
  await expect(wanted([{ token: hidden }])).resolves.toBeDefined();
});
