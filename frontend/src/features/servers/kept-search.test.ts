import { describe, expect, it } from 'vitest';
import { emptySearch, keepSearch, readSearch } from './kept-search.ts';

function storage(content: Record<string, string> = {}) {
  const kept = new Map(Object.entries(content));
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe('stored server search', () => {
  it('is restored for the same person only', () => {
    const tab = storage();
    keepSearch(tab, '17', { search: 'web', tags: ['prod'] });
    expect(readSearch(tab, '17')).toEqual({ search: 'web', tags: ['prod'] });
    expect(readSearch(tab, '18')).toEqual(emptySearch);
  });

  it('is removed from storage when it is cleared', () => {
    const tab = storage();
    keepSearch(tab, '17', { search: 'web', tags: [] });
    keepSearch(tab, '17', emptySearch);
    expect([...tab.kept.keys()]).toEqual([]);
  });

  it.each(['{', '[]', '{"search":1,"tags":[]}', '{"search":"a","tags":[1]}', '{"search":"a"}'])(
    'passes over %s, which this app has not written',
    (content) => {
      expect(readSearch(storage({ 'buoy.search.17': content }), '17')).toEqual(emptySearch);
    },
  );

  it('works without browser storage', () => {
    keepSearch(null, '17', { search: 'web', tags: [] });
    expect(readSearch(null, '17')).toEqual(emptySearch);
  });
});
