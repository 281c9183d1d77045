import { expect, it } from 'vitest';
import { launchKeyFor } from './launch-key.ts';

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}
const first = `user=1&hash=${'a'.repeat(64)}`;
const second = `user=1&hash=${'b'.repeat(64)}`;

it('the launch key is the same after a reload, and new for the next launch', () => {
  const tab = storage();
  const key = launchKeyFor(first, tab);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(launchKeyFor(first, tab)).toBe(key);
  expect(launchKeyFor(second, tab)).not.toBe(key);
});

it('the launch key differs between two tabs with the same launch', () => {
  expect(launchKeyFor(first, storage())).not.toBe(launchKeyFor(first, storage()));
});
