// Operation ids become function names in generated clients.
import { expect, test } from 'vitest';
import { contract } from './index.ts';
import { operationIds } from './operation-ids.ts';

test('every call has an operation id of its own, and none is left of a call that is gone', () => {
  expect(Object.keys(operationIds).sort()).toEqual(Object.keys(contract).sort());
  const ids = Object.values(operationIds);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('operation ids are a verb and a noun in camelCase', () => {
  for (const id of Object.values(operationIds)) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
});
