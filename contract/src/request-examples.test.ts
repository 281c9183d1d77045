// Examples of the API reference are copied into scripts: they must be taken as they are.
import { expect, test } from 'vitest';
import { contract, type Endpoint } from './index.ts';
import { requestExamples } from './request-examples.ts';

const withBody = Object.entries<Endpoint>(contract).filter(([, { body }]) => body !== undefined);

test.each(withBody)('%s has an example body that its schema takes', (key, { body }) => {
  const example = (requestExamples as Record<string, unknown>)[key];
  expect(example).toBeDefined();
  expect(body?.safeParse(example).error?.issues).toBeUndefined();
});
