// The closed set of error codes, with the statuses that the contract promises.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorStatus } from './errors.ts';

test('codes are stable snake_case, and each has a status of an error', () => {
  for (const [code, status] of Object.entries(errorStatus)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
  }
});

test.each([
  ['invalid_request', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['not_found', 404],
  ['stale_version', 409],
  ['task_already_running', 409],
  ['payload_too_large', 413],
  ['refused', 422],
  ['authorization_pending', 428],
  ['rate_limited', 429],
  ['internal', 500],
  ['bad_gateway', 502],
  ['unreachable', 503],
  ['circuit_open', 503],
  ['deadline', 504],
] as const)('%s answers %i, as the contract says', (code, status) => {
  expect(errorStatus[code]).toBe(status);
});

test('docs/errors.md explains each of them with its status, and none that is not there', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, status, code]) => [
    code,
    Number(status),
  ]);
  expect(Object.fromEntries(explained)).toEqual(errorStatus);
});
