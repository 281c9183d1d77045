import { describe, expect, test } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

const entry = (text: string) => ({ text, observedAt: '2026-03-01T10:00:00.000Z' });

describe('bounded cache', () => {
  test('returns a copy of the stored value each time', () => {
    const cache = createBoundedCache({ answers: 2, length: 100 });
    cache.put('a', entry('{"x":1}'));
    const first = cache.find('a')?.value as { x: number };
    first.x = 2;
    expect(cache.find('a')).toEqual({ value: { x: 1 }, observedAt: '2026-03-01T10:00:00.000Z' });
    expect(cache.find('b')).toBeNull();
  });

  test('evicts the oldest entry when there are too many', () => {
    const cache = createBoundedCache({ answers: 2, length: 100 });
    for (const name of ['a', 'b', 'a', 'c']) cache.put(name, entry('1'));
    expect(['a', 'b', 'c'].map((name) => cache.find(name) !== null)).toEqual([true, false, true]);
  });

  test('evicts the oldest entry when the total is too large, and a replaced one counts once', () => {
    const cache = createBoundedCache({ answers: 100, length: 20 });
    for (let round = 0; round < 10; round += 1) cache.put('a', entry('12345678'));
    cache.put('b', entry('12345678'));
    expect(cache.find('a')).not.toBeNull();
    cache.put('c', entry('12345678'));
    expect(['a', 'b', 'c'].map((name) => cache.find(name) !== null)).toEqual([false, true, true]);
  });

  test('frees the space of a deleted entry', () => {
    const cache = createBoundedCache({ answers: 100, length: 20 });
    cache.put('s1 a', entry('12345678'));
    cache.put('s2 a', entry('12345678'));
    cache.forget((name) => name.startsWith('s1 '));
    cache.put('s3 a', entry('12345678'));
    expect(['s1 a', 's2 a', 's3 a'].map((name) => cache.find(name) !== null)).toEqual([false, true, true]);
  });
});
