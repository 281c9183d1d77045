import { describe, expect, test } from 'vitest';
import { createMemory } from './bounded-cache.ts';

const entry = (text: string) => ({ text, observedAt: '2026-03-01T10:00:00.000Z' });

describe('what is kept in memory', () => {
  test('is found as it was put, a copy each time', () => {
    const memory = createMemory({ answers: 2, length: 100 });
    memory.put('a', entry('{"x":1}'));
    const first = memory.find('a')?.value as { x: number };
    first.x = 2;
    expect(memory.find('a')).toEqual({ value: { x: 1 }, observedAt: '2026-03-01T10:00:00.000Z' });
    expect(memory.find('b')).toBeNull();
  });

  test('goes oldest first when there are too many', () => {
    const memory = createMemory({ answers: 2, length: 100 });
    for (const name of ['a', 'b', 'a', 'c']) memory.put(name, entry('1'));
    expect(['a', 'b', 'c'].map((name) => memory.find(name) !== null)).toEqual([true, false, true]);
  });

  test('goes oldest first when it is too much, and replacing counts once', () => {
    const memory = createMemory({ answers: 100, length: 20 });
    for (let round = 0; round < 10; round += 1) memory.put('a', entry('12345678'));
    memory.put('b', entry('12345678'));
    expect(memory.find('a')).not.toBeNull();
    memory.put('c', entry('12345678'));
    expect(['a', 'b', 'c'].map((name) => memory.find(name) !== null)).toEqual([false, true, true]);
  });

  test('is forgotten by name, and makes room', () => {
    const memory = createMemory({ answers: 100, length: 20 });
    memory.put('s1 a', entry('12345678'));
    memory.put('s2 a', entry('12345678'));
    memory.forget((name) => name.startsWith('s1 '));
    memory.put('s3 a', entry('12345678'));
    expect(['s1 a', 's2 a', 's3 a'].map((name) => memory.find(name) !== null)).toEqual([false, true, true]);
  });
});
