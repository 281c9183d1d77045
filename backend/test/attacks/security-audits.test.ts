// A viewer has OpenClaw's security audit run again and again, each time for 9 s of the server's processor and 500 MB of its memory.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccessFixture, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

test('a fresh audit is counted as costly, the kept one is not', async () => {
  // Nothing listens there: what counts is that it was asked.
  const shared = await fixture.newServer({ port: 1 });
  const ask = async (person: Person, query = '') =>
    (await fixture.as(person, 'GET', `/servers/${shared}/openclaw/security-audit${query}`)).statusCode;
  const many = <T>(call: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, call));
  expect(await many(() => ask('viewer'))).not.toContain(429);
  expect(await many(() => ask('viewer', '?fresh=true'))).not.toContain(429);
  expect(await ask('viewer', '?fresh=true')).toBe(429);
  expect(await ask('viewer', '?fresh=false')).not.toBe(429);
  expect(await ask('owner', '?fresh=true')).not.toBe(429);
});
