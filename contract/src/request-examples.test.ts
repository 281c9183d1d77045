// Examples of the API reference are copied into scripts: they must be taken as they are.
import { expect, test } from 'vitest';
import { contract, type Endpoint } from './index.ts';
import { requestExamples } from './request-examples.ts';

/** A body that may be absent, and has nothing of its own, needs none. */
const withBody = Object.entries<Endpoint>(contract).filter(
  ([key, { body }]) => body !== undefined && (key in requestExamples || !body.safeParse(null).success),
);

test.each(withBody)('%s has an example body that its schema takes', (key, { body }) => {
  const example = (requestExamples as Record<string, unknown>)[key];
  expect(example).toBeDefined();
  expect(body?.safeParse(example).error?.issues).toBeUndefined();
});
