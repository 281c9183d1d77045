// Sign-up with SIGN_UP=approval and what super-admins do to people, over HTTP.
import { type AccessRequest, contract, type EndpointKey, type Person as PersonRow } from '@buoy/contract';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { type AccessFixture, ids, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture({ SIGN_UP: 'approval' });
  await fixture.as('super', 'POST', `/admin/users/${ids.owner}/approve`);
  serverId = await fixture.newServer();
});
afterAll(() => fixture.running.close());

let nextId = 40_000;
/** A signed-in person who is not approved. */
const newStranger = async () => {
  nextId += 1;
  return { id: String(nextId), token: await fixture.running.signIn(nextId) };
};
const me = async (token: string) => (await fixture.running.call('GET', '/me', { token })).json().user;
const seesServers = async (token: string) =>
  (await fixture.running.call('GET', '/servers', { token })).statusCode === 200;
const decide = (id: string, verb: string) => fixture.as('super', 'POST', `/admin/users/${id}/${verb}`);
const refusal = ({ statusCode, body }: LightMyRequestResponse) => [statusCode, JSON.parse(body).code];
const requests = async (): Promise<AccessRequest[]> =>
  (await fixture.as('super', 'GET', '/inbox')).json().accessRequests;
const requestOf = async (id: string) => (await requests()).find(({ userId }) => userId === id);

describe('person who is not approved', () => {
  test('can read their account and preferences and sign out: 200', async () => {
    const { id, token } = await newStranger();
    expect(await me(token)).toMatchObject({ id, approved: false, mayAddServers: false, isSuperAdmin: false });
    const prefs = '/me/notification-prefs';
    expect((await fixture.running.call('GET', prefs, { token })).statusCode).toBe(200);
    const changed = await fixture.running.call('PUT', prefs, { token, body: { minSeverity: 'critical' } });
    expect(changed.statusCode).toBe(200);
    expect((await fixture.running.call('POST', '/auth/logout', { token })).statusCode).toBe(204);
    expect((await fixture.running.call('GET', '/me', { token })).statusCode).toBe(401);
  });

  test('gets the same answers as everyone from public endpoints', async () => {
    const { token } = await newStranger();
    const publicKeys: EndpointKey[] = [
      ...(['GET /health', 'GET /auth/ways', 'POST /auth/telegram', 'POST /auth/link'] as const),
      ...(['POST /auth/telegram-login', 'POST /auth/telegram-login/finish', 'POST /auth/device'] as const),
      ...(['POST /auth/device/token', 'POST /auth/refresh', 'POST /auth/passkey/options'] as const),
      ...(['POST /auth/passkey/verify', 'POST /auth/invite/show', 'POST /auth/invite'] as const),
      ...(['POST /auth/oidc', 'POST /auth/oidc/finish'] as const),
    ];
    for (const key of publicKeys) {
      const [method, url] = key.split(' ') as ['GET' | 'POST', string];
      const body = 'body' in contract[key] ? { nonsense: true } : undefined;
      const named = await fixture.running.call(method, url, { token, body });
      const nameless = await fixture.running.call(method, url, { body });
      expect([key, named.statusCode]).toEqual([key, nameless.statusCode]);
    }
  });

  test('is approved by a super-admin, and the request disappears', async () => {
    const { id, token } = await newStranger();
    expect(await requestOf(id)).toEqual({
      userId: id,
      name: expect.stringContaining(`User ${id}`),
      requestedAt: expect.any(String),
    });
    expect((await decide(id, 'approve')).json().user).toMatchObject({ id, approved: true, status: 'active' });
    expect(await seesServers(token)).toBe(true);
    expect(await me(token)).toMatchObject({ approved: true, mayAddServers: true });
    expect(await requestOf(id)).toBeUndefined();
    expect((await decide(id, 'approve')).statusCode).toBe(200);
  });

  test('is approved by accepting an invite', async () => {
    const { id, token } = await newStranger();
    const made = await fixture.as('owner', 'POST', `/servers/${serverId}/invites`, { role: 'viewer' });
    const code = String(made.json().invite.url).split('#code=')[1];
    const accepted = await fixture.running.call('POST', '/invites/accept', { token, body: { code } });
    expect(accepted.statusCode).toBe(200);
    expect(await seesServers(token)).toBe(true);
    expect(await requestOf(id)).toBeUndefined();
  });

  test('is approved by a granted role, and stays approved when it is revoked', async () => {
    const { id, token } = await newStranger();
    const body = { userId: id, role: 'viewer' };
    expect((await fixture.as('owner', 'POST', `/servers/${serverId}/access`, body)).statusCode).toBe(201);
    expect(await seesServers(token)).toBe(true);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${id}`);
    expect(await seesServers(token)).toBe(true);
    expect((await fixture.running.call('GET', `/servers/${serverId}`, { token })).statusCode).toBe(404);
  });

  test('is approved from the first sign-in on by a role granted before it', async () => {
    const id = '50001';
    await fixture.as('owner', 'POST', `/servers/${serverId}/access`, { userId: id, role: 'viewer' });
    expect(await seesServers(await fixture.running.signIn(Number(id)))).toBe(true);
    expect(await requestOf(id)).toBeUndefined();
  });

  test('is approved by becoming the owner of a server', async () => {
    const { id, token } = await newStranger();
    const other = await fixture.newServer();
    const moved = await fixture.as('owner', 'POST', `/servers/${other}/transfer`, { userId: id });
    expect(moved.statusCode).toBe(200);
    expect(await seesServers(token)).toBe(true);
  });

  test('is not approved after a refusal, cannot ask again at once, and can still be approved later', async () => {
    const { id, token } = await newStranger();
    expect((await decide(id, 'refuse')).json().user).toMatchObject({ status: 'pending', approved: false });
    await fixture.running.signIn(Number(id));
    expect(await requestOf(id)).toBeUndefined();
    expect(await seesServers(token)).toBe(false);
    expect((await decide(id, 'approve')).statusCode).toBe(200);
    expect(await seesServers(token)).toBe(true);
  });
});

describe('decisions about people', () => {
  test('returns 404 for an unknown id', async () => {
    for (const verb of ['approve', 'refuse', 'disable', 'enable'])
      expect(refusal(await decide('nobody', verb))).toEqual([404, 'not_found']);
    expect(refusal(await fixture.as('super', 'PUT', '/admin/users/nobody', {}))).toEqual([404, 'not_found']);
  });

  test('returns 409 for refusing an approved person and for approving a disabled one', async () => {
    const { id } = await newStranger();
    await decide(id, 'approve');
    expect(refusal(await decide(id, 'refuse'))).toEqual([409, 'conflict']);
    await decide(id, 'disable');
    expect(refusal(await decide(id, 'approve'))).toEqual([409, 'conflict']);
    expect((await decide(id, 'enable')).json().user).toMatchObject({ status: 'active' });
  });

  test('returns 409 when a super-admin disables themselves or one named in the configuration', async () => {
    expect(refusal(await decide(ids.super, 'disable'))).toEqual([409, 'conflict']);
    const database = await openDatabase({
      engine: 'sqlite',
      file: `${fixture.running.dataDir}/buoy.db`,
    });
    const { id, token } = await newStranger();
    await database.db.updateTable('users').set({ isSuperAdmin: 1 }).where('id', '=', id).execute();
    await database.close();
    const byOther = await fixture.running.call('POST', `/admin/users/${ids.super}/disable`, { token });
    expect(refusal(byOther)).toEqual([409, 'conflict']);
    expect(byOther.json()).toMatchObject({ error: expect.stringContaining('ADMIN_USER_IDS') });
    expect((await decide(id, 'disable')).statusCode).toBe(200);
    expect((await fixture.running.call('GET', '/me', { token })).statusCode).toBe(401);
  });

  test('returns 409 for taking the right to add servers from a super-admin, 400 for an unknown field', async () => {
    const change = (id: string, body: object) => fixture.as('super', 'PUT', `/admin/users/${id}`, body);
    expect(refusal(await change(ids.super, { mayAddServers: false }))).toEqual([409, 'conflict']);
    expect(refusal(await change(ids.viewer, { isSuperAdmin: true }))).toEqual([400, 'invalid_request']);
    expect((await change(ids.viewer, {})).json().user).toMatchObject({ id: ids.viewer, mayAddServers: true });
  });
});

describe('GET /admin/users', () => {
  const list = async (query: string): Promise<PersonRow[]> => {
    const found: PersonRow[] = [];
    let cursor = '';
    do {
      const answer = await fixture.as('super', 'GET', `/admin/users?limit=2&${query}${cursor}`);
      expect(answer.statusCode).toBe(200);
      const { users, nextCursor } = answer.json();
      found.push(...users);
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    return found;
  };

  test('finds people by part of their name in any case and script, by username and by id', async () => {
    const database = await openDatabase({
      engine: 'sqlite',
      file: `${fixture.running.dataDir}/buoy.db`,
    });
    const { id } = await newStranger();
    await database.db
      .updateTable('users')
      .set({ firstName: 'Жанна', lastName: 'Дарк', username: 'Jeanne_100%' })
      .where('id', '=', id)
      .execute();
    await database.close();
    for (const q of ['жанна', 'ЖАННА ДАР', '@jeanne', '100%', id])
      expect([q, (await list(`q=${encodeURIComponent(q)}`)).map((one) => one.id)]).toEqual([q, [id]]);
    expect(await list('q=nobody-is-called-that')).toEqual([]);
  });

  test('filters by status, page by page, each person once', async () => {
    const [pending, disabled] = [await newStranger(), await newStranger()];
    await decide(disabled.id, 'disable');
    const everybody = await list('');
    for (const status of ['pending', 'active', 'disabled'] as const) {
      const found = await list(`status=${status}`);
      expect(found.map(({ id }) => id)).toEqual(
        everybody.filter((one) => one.status === status).map(({ id }) => id),
      );
      expect(found.length).toBeGreaterThan(0);
    }
    expect((await list('status=pending')).map(({ id }) => id)).toContain(pending.id);
    expect((await list(`status=disabled&q=${disabled.id}`)).map(({ id }) => id)).toEqual([disabled.id]);
  });
});
