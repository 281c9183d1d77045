import { expect, it } from 'vitest';
import { createLastPerson } from './last-person.ts';

function emptyStorage() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

it('remembers the last signed-in person across reloads, and no one at first', () => {
  const storage = emptyStorage();
  expect(createLastPerson(storage).id()).toBeNull();
  createLastPerson(storage).remember('42');
  createLastPerson(storage).remember('7');
  expect(createLastPerson(storage).id()).toBe('7');
});

it('remembers the last person within the page without browser storage', () => {
  const forbidden = () => {
    throw new Error('SecurityError');
  };
  for (const storage of [null, { getItem: forbidden, setItem: forbidden }]) {
    const lastPerson = createLastPerson(storage);
    lastPerson.remember('42');
    expect(lastPerson.id()).toBe('42');
  }
});
