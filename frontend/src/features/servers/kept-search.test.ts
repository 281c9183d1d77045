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

describe('the search of the list', () => {
  it('is there again for the same person, and for nobody else', () => {
    const tab = storage();
    keepSearch(tab, '17', { search: 'web', tags: ['prod'] });
    expect(readSearch(tab, '17')).toEqual({ search: 'web', tags: ['prod'] });
    expect(readSearch(tab, '18')).toEqual(emptySearch);
  });

  it('leaves nothing behind when it is emptied', () => {
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

  it('does without a browser that keeps nothing', () => {
    keepSearch(null, '17', { search: 'web', tags: [] });
    expect(readSearch(null, '17')).toEqual(emptySearch);
  });
});
