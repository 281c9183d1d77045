import { patchBetween } from '@buoy/contract/config-patch';
import { undoChanges } from '@buoy/contract/undo-changes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyConfig, HIDDEN } from '../../../../testbed/any-config.ts';
import { changesOfPatch, misplacedHidden, patchAt, valueAt } from './json-patch.ts';

it('single values stand at their paths, and those of one place together', () => {
  const values = { 'gateway.port': 1, 'gateway.bind': 'lan', 'tools.profile': null, unchanged: undefined };
  expect(patchAt(values)).toEqual({ gateway: { port: 1, bind: 'lan' }, tools: { profile: null } });
  expect(valueAt({ gateway: { port: 1 } }, 'gateway.port')).toBe(1);
  expect(valueAt({ gateway: 1 }, 'gateway.port')).toBeUndefined();
  expect(valueAt({}, 'constructor.name')).toBeUndefined();
});

it('undoing a patch restores the original config', () => {
  const withoutNull = anyConfig.filter((value) => !JSON.stringify(value).includes('null'));
  fc.assert(
    fc.property(withoutNull, withoutNull, (before, after) => {
      const changes = changesOfPatch(before, patchBetween(before, after));
      expect(undoChanges(after, changes)).toEqual(before);
    }),
  );
});

it('a name that every object has is a name like any other', () => {
  expect(JSON.stringify(patchAt({ 'channels.__proto__.enabled': true }))).toBe(
    '{"channels":{"__proto__":{"enabled":true}}}',
  );
  expect(patchAt({ 'constructor.prototype.polluted': true })).toEqual({
    constructor: { prototype: { polluted: true } },
  });
  expect(({} as Record<string, unknown>).enabled).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

it('a name with a dot is one name', () => {
  expect(patchAt({ 'channels["my.chat"].enabled': false })).toEqual({
    channels: { 'my.chat': { enabled: false } },
  });
  expect(valueAt({ channels: { 'my.chat': { enabled: false } } }, 'channels["my.chat"].enabled')).toBe(false);
});

describe('hidden value placeholder', () => {
  it('is accepted in its original place, also in lists', () => {
    fc.assert(
      fc.property(anyConfig, (before) => {
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
