// The differences of two configs, and the lists that a patch drops.
import { describe, expect, test } from 'vitest';
import { changesBetween, listPaths } from './config-changes.ts';

describe('changesBetween', () => {
  test('names what was added, changed and removed at its deepest place; lists as a whole', () => {
    const before = { a: { b: 1, list: [1, 2], gone: { x: 1 } }, same: [{ y: 1 }] };
    const after = { a: { b: 2, list: [2], fresh: { z: 1 } }, same: [{ y: 1 }] };
    expect(changesBetween(before, after)).toEqual([
      { path: 'a.b', kind: 'changed', before: 1, after: 2 },
      { path: 'a.list', kind: 'changed', before: [1, 2], after: [2] },
      { path: 'a.gone', kind: 'removed', before: { x: 1 }, after: null },
      { path: 'a.fresh', kind: 'added', before: null, after: { z: 1 } },
    ]);
  });

  test("OpenClaw's own bookkeeping is no change", () => {
    expect(changesBetween({ meta: { at: 1 } }, { meta: { at: 2 }, wizard: {} })).toEqual([]);
  });
});

describe('the paths of lists', () => {
  const merged = { replacesLists: false };

  test('are those that a patch writes or removes at any depth', () => {
    const now = { e: 1, f: [1], g: { h: [1], i: { j: 1 } }, k: { l: [2] }, m: [3], n: [4], o: { p: [5] } };
    const patch = { a: { b: [1], c: { d: [] } }, e: 1, f: null, g: null, k: 'none', n: { q: 1 }, o: [6] };
    expect(listPaths(patch, now, merged)).toEqual(['a.b', 'a.c.d', 'f', 'g.h', 'k.l', 'n', 'o', 'o.p']);
  });

  test('of entries with ids are those inside the entries, unless lists are replaced', () => {
    const list = [
      { id: 'main', skills: ['a'] },
      { id: 'sales', model: { fallbacks: ['b'] } },
    ];
    const patch = { list: [{ id: 'sales', skills: ['c'], model: null }] };
    expect(listPaths(patch, { list }, merged)).toEqual(['list[].skills', 'list[].model.fallbacks']);
    expect(listPaths(patch, {}, merged)).toEqual(['list[].skills']);
    expect(listPaths({ list: [] }, { list }, merged)).toEqual(['list']);
    expect(listPaths({ list: null }, { list }, merged)).toEqual(['list']);
    expect(listPaths(patch, { list }, { replacesLists: true })).toEqual(['list']);
  });
});
