import { expect, it } from 'vitest';
import { createLastPerson } from './last-person.ts';

function emptyStorage() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

it('is nobody at first, and known after a reload from the last sign-in on', () => {
  const storage = emptyStorage();
  expect(createLastPerson(storage).id()).toBeNull();
  createLastPerson(storage).remember('42');
  createLastPerson(storage).remember('7');
  expect(createLastPerson(storage).id()).toBe('7');
});

it('is known to the page itself where the browser keeps nothing', () => {
  const forbidden = () => {
    throw new Error('SecurityError');
  };
  for (const storage of [null, { getItem: forbidden, setItem: forbidden }]) {
    const lastPerson = createLastPerson(storage);
    lastPerson.remember('42');
    expect(lastPerson.id()).toBe('42');
  }
});
