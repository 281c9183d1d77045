// The merge patch between two configs, over names that break careless code.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigObject, isSame, mergePatch, patchBetween, pathText } from './config-patch.ts';

const HIDDEN = '__OPENCLAW_REDACTED__';

/** Few names, so that two configs meet in many of them. */
const name = fc.constantFrom('a', 'b', 'port', 'my.own', '__proto__', 'constructor', '');
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(HIDDEN));
/** No nulls: a merge patch cannot write one, and OpenClaw's config has none. */
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
        const result = mergePatch(before, patchBetween(before, after));
        expect(result).toEqual(after);
        expect(isSame(result, after)).toBe(true);
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
        expect(mergePatch({ mine, theirs }, patch)).toEqual({ mine: edited, theirs });
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

it('config paths › names with dots or brackets stay one segment', () => {
  expect(pathText(['models', 'providers', 'my.own', 'x[0]', 'fake/fake-1'])).toBe(
    'models.providers["my.own"]["x[0]"].fake/fake-1',
  );
});
