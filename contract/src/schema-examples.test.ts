// Examples of the API reference show what Buoy really answers.
import { expect, test } from 'vitest';
import { alert, execResult, problem, server, task, user } from './index.ts';
import { schemaExamples } from './schema-examples.ts';

test.each(
  Object.entries({
    Alert: alert,
    ExecResult: execResult,
    Problem: problem,
    Server: server,
    Task: task,
    User: user,
  }),
)('the example of %s fits its schema and has all its fields', (id, schema) => {
  const example = schemaExamples[id as keyof typeof schemaExamples];
  expect(schema.parse(example)).toEqual(example);
});
