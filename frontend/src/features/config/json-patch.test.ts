import type { ConfigObject } from '@buoy/contract/config-patch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misplacedHidden, patchAt, valueAt } from './json-patch.ts';

const HIDDEN = '__OPENCLAW_REDACTED__';

/** Few names, so that two configs meet in many of them, and such as break careless code. */
const name = fc.constantFrom('a', 'b', 'port', 'my.own', '__proto__', 'constructor', '');
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(HIDDEN));
const { config } = fc.letrec<{ config: ConfigObject; value: unknown }>((tie) => ({
  config: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as ConfigObject),
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { maxLength: 3 }), tie('config')),
}));

it('single values stand at their paths, and those of one place together', () => {
  const values = { 'gateway.port': 1, 'gateway.bind': 'lan', 'tools.profile': null, unchanged: undefined };
  expect(patchAt(values)).toEqual({ gateway: { port: 1, bind: 'lan' }, tools: { profile: null } });
  expect(valueAt({ gateway: { port: 1 } }, 'gateway.port')).toBe(1);
  expect(valueAt({ gateway: 1 }, 'gateway.port')).toBeUndefined();
  expect(valueAt({}, 'constructor.name')).toBeUndefined();
});

describe('hidden value placeholder', () => {
  it('is accepted in its original place, also in lists', () => {
    fc.assert(
      fc.property(config, (before) => {
        expect(misplacedHidden(before, structuredClone(before))).toEqual([]);
      }),
    );
  });

  it('is reported in any other place', () => {
    const before = { env: { KEY: HIDDEN }, list: [{ token: HIDDEN }] };
    const after = { env: { 'MY.KEY': HIDDEN }, list: [{ token: HIDDEN }, { token: HIDDEN }] };
    expect(misplacedHidden(before, after)).toEqual(['env["MY.KEY"]', 'list.1.token']);
  });
});
