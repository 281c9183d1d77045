// Names with characters that hide or reorder text, so that a reader of a list, a question or an alert mistakes one name for another.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
let token: string;
beforeAll(async () => {
  running = await startTestBuoy();
  token = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

const newServer = (part: object) => ({
  ...{ name: 'web', host: '203.0.113.7', username: 'deploy', authType: 'password', password: 'x' },
  ...part,
});

describe('names with hidden or reordering characters', () => {
  test.each([
    ['a server name with reversed text', '/servers', newServer({ name: 'prod\u202e-1\u202c' })],
    ['a server name with an invisible character', '/servers', newServer({ name: 'prod\u200b-1' })],
    ['a server name with a joiner between plain letters', '/servers', newServer({ name: 'prod\u200d-1' })],
    ['a server name with a combining grapheme joiner', '/servers', newServer({ name: 'prod\u034f-1' })],
    ['a server name with a blank letter', '/servers', newServer({ name: 'prod-1\u3164' })],
    ['a server name with a blank of Braille', '/servers', newServer({ name: 'prod\u2800-1' })],
    ['a server name with a no-break space', '/servers', newServer({ name: 'prod\u00a01' })],
    ['a server name with an ideographic space', '/servers', newServer({ name: 'prod\u30001' })],
    ['a server name with a selector behind a digit', '/servers', newServer({ name: 'prod-1\ufe0f' })],
    ['a tag with a narrow no-break space', '/servers', newServer({ tags: ['prod\u202f1'] })],
    ['a server name with a direction mark', '/servers', newServer({ name: 'prod\u200f-1' })],
    ['a tag with an invisible tag character', '/servers', newServer({ tags: ['prod\u{e0041}'] })],
    ['a server name with an 8-bit control character', '/servers', newServer({ name: 'prod\u009b2J' })],
    ['a token name with reversed text', '/me/tokens', { name: 'ci\u2066', scopes: ['read'] }],
  ])('%s is refused with 400 and names the field', async (_what, url, body) => {
    const response = await running.call('POST', url, { token, body });
    expect(response.statusCode).toBe(400);
    expect(response.json().details).toMatchObject([{ path: expect.stringMatching(/^(name|tags\.0)$/) }]);
  });
});

test('names with emoji and in scripts that need joiners are accepted', async () => {
  for (const name of ['Ада 👩\u200d🚀', 'می\u200cخواهم', 'क\u094d\u200dष', '❤\ufe0f', '1\ufe0f\u20e3']) {
    const created = await running.call('POST', '/servers', { token, body: newServer({ name }) });
    expect([name, created.statusCode]).toEqual([name, 201]);
  }
});

test('an existing server with such a name can be read, renamed and deleted', async () => {
  const created = await running.call('POST', '/servers', { token, body: newServer({ name: 'old' }) });
  const { id } = created.json().server;
  const other = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
  await other.db.updateTable('servers').set({ name: 'old\u202e' }).where('id', '=', id).execute();
  await other.close();

  const read = await running.call('GET', `/servers/${id}`, { token });
  expect(read.json().server.name).toBe('old\u202e');
  const renamed = await running.call('PUT', `/servers/${id}`, { token, body: { name: 'new' } });
  expect(renamed.json().server.name).toBe('new');
  expect((await running.call('DELETE', `/servers/${id}`, { token })).statusCode).toBe(204);
});
