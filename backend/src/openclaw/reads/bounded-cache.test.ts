import { describe, expect, test } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

const entry = (text: string) => ({ text, observedAt: '2026-03-01T10:00:00.000Z' });
const EIGHT = '12345678';

describe('bounded cache', () => {
  test('returns a copy of the stored value each time', () => {
    const cache = createBoundedCache({ answers: 2, length: 100 });
    cache.put('s1', 'a', entry('{"x":1}'));
    const first = cache.find('s1', 'a')?.value as { x: number };
    first.x = 2;
    expect(cache.find('s1', 'a')).toEqual({ value: { x: 1 }, observedAt: '2026-03-01T10:00:00.000Z' });
    expect(cache.find('s1', 'b')).toBeNull();
    expect(cache.find('s2', 'a')).toBeNull();
  });

  test('evicts the oldest entry when there are too many', () => {
    const cache = createBoundedCache({ answers: 2, length: 100 });
    for (const what of ['a', 'b', 'a', 'c']) cache.put('s1', what, entry('1'));
    expect(['a', 'b', 'c'].map((what) => cache.find('s1', what) !== null)).toEqual([true, false, true]);
  });

  test('evicts the oldest entry when the total is too large, and a replaced one counts once', () => {
    const cache = createBoundedCache({ answers: 100, length: 20 });
    for (let round = 0; round < 10; round += 1) cache.put('s1', 'a', entry(EIGHT));
    cache.put('s1', 'b', entry(EIGHT));
    expect(cache.find('s1', 'a')).not.toBeNull();
    cache.put('s1', 'c', entry(EIGHT));
    expect(['a', 'b', 'c'].map((what) => cache.find('s1', what) !== null)).toEqual([false, true, true]);
  });

  test('frees the space of a server that is forgotten', () => {
    const cache = createBoundedCache({ answers: 100, length: 20 });
    for (const serverId of ['s1', 's2']) cache.put(serverId, 'a', entry(EIGHT));
    cache.forget('s1');
    cache.put('s3', 'a', entry(EIGHT));
    expect(['s1', 's2', 's3'].map((one) => cache.find(one, 'a') !== null)).toEqual([false, true, true]);
  });

  test.each([
    ['many', { answers: 10, length: 1_000 }, '1'],
    ['long', { answers: 1_000, length: 80 }, EIGHT],
  ])('a server with %s entries evicts its own and none of another server', (_, limits, text) => {
    const cache = createBoundedCache(limits);
    cache.put('other', 'a', entry(text));
    for (let round = 0; round < 50; round += 1) cache.put('greedy', `${round}`, entry(text));
    expect(cache.find('other', 'a')).not.toBeNull();
    const left = Array.from({ length: 50 }, (_, round) => cache.find('greedy', `${round}`) !== null);
    expect(left.indexOf(true)).toBe(41);
    expect(left.filter(Boolean)).toHaveLength(9);
  });

  test.each([
    ['entries', { answers: 3, length: 1_000 }],
    ['length', { answers: 1_000, length: 24 }],
  ])('the %s of one server are limited before the total is reached', (_, ofServer) => {
    const cache = createBoundedCache({ answers: 100, length: 1_000, ofServer });
    for (let round = 0; round < 10; round += 1) cache.put('s1', `${round}`, entry(EIGHT));
    const left = Array.from({ length: 10 }, (_, round) => cache.find('s1', `${round}`) !== null);
    expect(left).toEqual([...Array(7).fill(false), true, true, true]);
  });

  test('an entry beyond the limit is not kept', () => {
    const cache = createBoundedCache({ answers: 10, length: 5 });
    cache.put('s1', 'a', entry(EIGHT));
    expect(cache.find('s1', 'a')).toBeNull();
    cache.put('s1', 'b', entry('1'));
    expect(cache.find('s1', 'b')).not.toBeNull();
  });
});
