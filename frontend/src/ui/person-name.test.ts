import { expect, it } from 'vitest';
import { personName } from './person-name.ts';

it.each([
  [{ username: 'ada', firstName: 'Ada', lastName: 'Lovelace' }, 'Ada Lovelace (@ada)'],
  [{ username: null, firstName: 'Ada' }, 'Ada'],
  [{ username: 'ada', firstName: null }, '@ada'],
  [{ username: null, firstName: null, lastName: null }, '42'],
])('%j is called %s', (person, name) => {
  expect(personName({ id: '42', ...person })).toBe(name);
});
