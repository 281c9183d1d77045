import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConfigObject,
  isObject,
  misplacedHidden,
  patchAt,
  patchBetween,
  valueAt,
} from './json-patch.ts';

const HIDDEN = '__OPENCLAW_REDACTED__';

/** What the server does with a patch, after RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** Few names, so that two configs meet in many of them, and such as break careless code. */
const name = fc.constantFrom('a', 'b', 'port', 'my.own', '__proto__', 'constructor', '');
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(HIDDEN));
const { config } = fc.letrec<{ config: ConfigObject; value: unknown }>((tie) => ({
  config: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as ConfigObject),
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { maxLength: 3 }), tie('config')),
}));

describe('config patch', () => {
  it('turns the config into the edited one', () => {
    fc.assert(
      fc.property(config, config, (before, after) => {
        expect(merged(before, patchBetween(before, after))).toEqual(after);
      }),
    );
  });

  it('is empty without changes', () => {
    fc.assert(
      fc.property(config, (before) => {
        expect(patchBetween(before, structuredClone(before))).toEqual({});
      }),
    );
  });

  it('keeps concurrent changes elsewhere in the config', () => {
    fc.assert(
      fc.property(config, config, config, (mine, edited, theirs) => {
        const patch = patchBetween({ mine }, { mine: edited });
        expect(merged({ mine, theirs }, patch)).toEqual({ mine: edited, theirs });
      }),
    );
  });

  it('never sends an unchanged hidden value', () => {
    const before = { gateway: { port: 1, auth: { token: HIDDEN } } };
    expect(patchBetween(before, { gateway: { port: 2, auth: { token: HIDDEN } } })).toEqual({
      gateway: { port: 2 },
    });
  });

  it('leaves out OpenClaw’s own keys, and sends whole lists', () => {
    const before = { meta: { at: 1 }, list: [1, 2, 3] };
    expect(patchBetween(before, { list: [1, 3], wizard: {} })).toEqual({ list: [1, 3] });
  });

  it('treats a new null as a removal, and keeps an existing null', () => {
    expect(patchBetween({ a: 1, b: null }, { a: null, b: null, c: null })).toEqual({ a: null });
  });
});

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
