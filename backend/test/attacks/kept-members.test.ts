// A person who was made a member of a server unasked, and wants it gone from their list.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { auditLogOf } from '../support/audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
let [owner, victim, other] = ['', '', ''];
let serverId = '';
beforeAll(async () => {
  running = await startTestBuoy();
  [owner, victim, other] = [await running.signIn(666), await running.signIn(500), await running.signIn(501)];
});
afterAll(() => running.close());
beforeEach(async () => {
  const body = {
    name: 'web',
    host: '192.0.2.1',
    port: 1,
    username: 'x',
    authType: 'password',
    password: 'x',
  };
  if (serverId !== '') await running.call('DELETE', `/servers/${serverId}`, { token: owner });
  const made = await running.call('POST', '/servers', { token: owner, body });
  serverId = made.json().server.id;
  await running.grant(serverId, '500', 'viewer');
  await running.grant(serverId, '501', 'admin');
});
const remove = (token: string, userId: string) =>
  running.call('DELETE', `/servers/${serverId}/access/${userId}`, { token });

describe('an owner who makes somebody a member unasked', () => {
  test('cannot keep them: each member may leave, and no longer sees the server', async () => {
    for (const [token, userId] of [
      [victim, '500'],
      [other, '501'],
    ] as const) {
      const left = await remove(token, userId);
      expect(left.statusCode, left.body).toBe(204);
      expect((await running.call('GET', `/servers/${serverId}`, { token })).statusCode).toBe(404);
      expect((await remove(token, userId)).statusCode).toBe(404);
    }
  });

  test('cannot be left without an owner: the owner may not leave', async () => {
    const refused = await remove(owner, '666');
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'conflict']);
  });
});

describe('a member who wants others out', () => {
  test.each(['501', '666', '12345'])('gets 403 for person %s, a member or not', async (userId) => {
    const refused = await remove(victim, userId);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      error: 'This requires the role "owner" on the server; yours is "viewer".',
      code: 'forbidden',
    });
  });

  test('is in the audit log with the refusal, and so is who left', async () => {
    await remove(other, '500');
    await remove(other, '501');
    const log = await auditLogOf(running, await running.signIn(SUPER_ID));
    const removals = log.filter((entry) => entry.serverId === serverId && entry.action.startsWith('DELETE'));
    expect(removals.map(({ userId, target, result }) => [userId, target, result])).toEqual([
      ['501', '501', 'ok'],
      ['501', '500', 'denied'],
    ]);
  });

  test('cannot use a stolen API token of the scope operate to leave', async () => {
    const made = await running.call('POST', '/me/tokens', {
      token: victim,
      body: { name: 'stolen', scopes: ['operate'] },
    });
    expect((await remove(made.json().token.secret, '500')).statusCode).toBe(403);
    expect((await running.call('GET', `/servers/${serverId}`, { token: victim })).statusCode).toBe(200);
  });
});
