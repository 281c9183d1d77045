// The merge patch between two configs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyConfig, HIDDEN } from '../../testbed/any-config.ts';
import { isSame, keysOf, mergePatch, patchBetween, pathText } from './config-patch.ts';

describe('config patch', () => {
  it('turns the config into the edited one', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, (before, after) => {
        const result = mergePatch(before, patchBetween(before, after));
        expect(result).toEqual(after);
        expect(isSame(result, after)).toBe(true);
      }),
    );
  });

  it('is empty without changes', () => {
    fc.assert(
      fc.property(anyConfig, (before) => {
        expect(patchBetween(before, structuredClone(before))).toEqual({});
      }),
    );
  });

  it('keeps concurrent changes elsewhere in the config', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, anyConfig, (mine, edited, theirs) => {
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

it.each([
  [String.raw`["\x"].a`, [String.raw`\x`, 'a']],
  ['a["b\nc"]', ['a', 'b\nc']],
  [String.raw`a["\u00"]`, ['a', String.raw`\u00`]],
])('config paths › %j, which is not JSON within its quotes, is read as it is', (path, keys) => {
  expect(keysOf(path)).toEqual(keys);
});
