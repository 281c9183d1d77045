import { expect, it } from 'vitest';
import { attemptKeyOf } from './attempt-key.ts';

function storageWith(initial: Record<string, string> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

it('is the same after a reload, and in another tab', () => {
  const storage = storageWith();
  const key = attemptKeyOf(storage);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(attemptKeyOf(storage)).toBe(key);
});

it('is another one in another browser', () => {
  expect(attemptKeyOf(storageWith())).not.toBe(attemptKeyOf(storageWith()));
});

it('is made anew in place of what is no key', () => {
  expect(attemptKeyOf(storageWith({ 'buoy.attempt': 'x'.repeat(500) }))).toMatch(/^[0-9a-f]{32}$/);
});

it('is there where the browser keeps nothing', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  expect(attemptKeyOf(full)).toHaveLength(32);
  expect(attemptKeyOf(null)).toHaveLength(32);
});
