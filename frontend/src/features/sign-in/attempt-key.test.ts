import { expect, it } from 'vitest';
import { attemptKeyOf } from './attempt-key.ts';

function storageWith(initial: Record<string, string> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

it('the attempt key is the same after a reload and in another tab', () => {
  const storage = storageWith();
  const key = attemptKeyOf(storage);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(attemptKeyOf(storage)).toBe(key);
});

it('the attempt key differs in another browser', () => {
  expect(attemptKeyOf(storageWith())).not.toBe(attemptKeyOf(storageWith()));
});

it('an invalid attempt key is replaced', () => {
  expect(attemptKeyOf(storageWith({ 'buoy.attempt': 'x'.repeat(500) }))).toMatch(/^[0-9a-f]{32}$/);
});

it('the attempt key exists without browser storage', () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  expect(attemptKeyOf(full)).toHaveLength(32);
  expect(attemptKeyOf(null)).toHaveLength(32);
});
