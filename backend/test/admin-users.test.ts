// GET /admin/users over HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let running: TestBuoy;
let superToken: string;
let owner: string;

beforeAll(async () => {
  running = await startTestBuoy();
  superToken = await running.signIn(SUPER_ID);
  owner = await running.signIn(900);
  await running.signIn(901);
  const created = await running.call('POST', '/servers', {
    token: owner,
    body: { name: 'n', host: '127.0.0.1', port: 1, username: 'u', authType: 'password', password: 'x' },
  });
  await running.grant(created.json().server.id, '901', 'viewer');
  // A grant works before that person first signs in; until then they are not listed.
  await running.grant(created.json().server.id, '902', 'viewer');
});
afterAll(() => running.close());

const list = async (query = '') => {
  const response = await running.call('GET', `/admin/users${query}`, { token: superToken });
  expect(response.statusCode).toBe(200);
  return response.json<{ users: Array<Record<string, unknown>>; nextCursor: string | null }>();
};

describe('GET /admin/users', () => {
  test('returns 401 without a sign-in', async () => {
    expect((await running.call('GET', '/admin/users')).statusCode).toBe(401);
  });

  test('returns 403 for a person who is not a super-admin', async () => {
    expect((await running.call('GET', '/admin/users', { token: owner })).statusCode).toBe(403);
  });

  test('returns 400 for a made-up cursor and an invalid limit', async () => {
    for (const query of ['?cursor=made-up', '?limit=0', '?limit=201'])
      expect((await running.call('GET', `/admin/users${query}`, { token: superToken })).statusCode).toBe(400);
  });

  test('returns 200 with everyone who has signed in, newest first, and marks super-admins of the configuration', async () => {
    const { users, nextCursor } = await list();
    expect(nextCursor).toBeNull();
    expect(users.map(({ id, isSuperAdmin, servers }) => [id, isSuperAdmin, servers])).toEqual([
      ['901', false, 1],
      ['900', false, 1],
      ['1', true, 0],
    ]);
    for (const { lastSeenAt, createdAt } of users) {
      expect(Date.now() - Date.parse(String(lastSeenAt))).toBeLessThan(60_000);
      expect(String(lastSeenAt) >= String(createdAt)).toBe(true);
    }
  });

  test('returns 200 page by page, each person once', async () => {
    const first = await list('?limit=2');
    expect(first.users.map(({ id }) => id)).toEqual(['901', '900']);
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect(second.users.map(({ id }) => id)).toEqual(['1']);
    expect(second.nextCursor).toBeNull();
  });
});
