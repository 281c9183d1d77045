// Invite links over HTTP, from creation to the server that they open.
import type { AuditEntry } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';
import { startTestBuoy } from './support/test-buoy.ts';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());
beforeEach(async () => {
  serverId = await fixture.newServer();
});

type CreatedInvite = {
  id: string;
  url: string;
  role: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
};
const invites = (id = '') => `/servers/${serverId}/invites${id === '' ? '' : `/${id}`}`;
const make = (body: object = { role: 'viewer' }, by: Person = 'owner') =>
  fixture.as(by, 'POST', invites(), body);
const made = async (body: object = { role: 'viewer' }): Promise<CreatedInvite & { code: string }> => {
  const answer = await make(body);
  expect(answer.statusCode).toBe(201);
  const { invite } = answer.json();
  return { ...invite, code: invite.url.split('#code=')[1] };
};
const accept = (code: string, by: Person = 'stranger') => fixture.as(by, 'POST', '/invites/accept', { code });
const open = async (by: Person = 'owner'): Promise<string[]> =>
  (await fixture.as(by, 'GET', invites())).json().invites.map(({ id }: { id: string }) => id);

describe('creating an invite', () => {
  test('returns 201 when the owner or a super-admin creates one; it is valid for as long as they say, a day by default', async () => {
    for (const [by, role, expiresInH] of [
      ['owner', 'admin', 168],
      ['super', 'viewer', undefined],
    ] as const) {
      const answer = await make({ role, ...(expiresInH === undefined ? {} : { expiresInH }) }, by);
      expect(answer.statusCode).toBe(201);
      const { invite } = answer.json();
      expect(invite).toMatchObject({ role, createdBy: ids[by] });
      const hours = (Date.parse(invite.expiresAt) - Date.parse(invite.createdAt)) / 3_600_000;
      expect(hours).toBe(expiresInH ?? 24);
    }
  });

  test('the link leads to the address by which the caller reached Buoy, with its code behind the #', async () => {
    const answer = await fixture.running.call('POST', invites(), {
      token: fixture.tokens.owner,
      body: { role: 'viewer' },
      headers: { host: 'buoy.internal:8443' },
    });
    const url = new URL(answer.json().invite.url);
    expect([url.protocol, url.host, url.pathname, url.search]).toEqual([
      'http:',
      'buoy.internal:8443',
      '/invite',
      '',
    ]);
    expect(url.hash).toMatch(/^#code=[\w-]{43}$/);
  });

  test('returns 403 when an admin or a viewer creates, lists or revokes one, 404 when a stranger does', async () => {
    const { id } = await made();
    for (const [person, status] of [
      ['admin', 403],
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await make({ role: 'viewer' }, person)).statusCode).toBe(status);
      expect((await fixture.as(person, 'GET', invites())).statusCode).toBe(status);
      expect((await fixture.as(person, 'DELETE', invites(id))).statusCode).toBe(status);
    }
    expect(await open()).toEqual([id]);
  });

  test.each([
    [{ role: 'owner' }],
    [{ role: 'viewer', expiresInH: 0 }],
    [{ role: 'viewer', expiresInH: 169 }],
    [{ role: 'viewer', expiresInH: 1.5 }],
    [{ expiresInH: 1 }],
    [{ role: 'viewer', code: 'my-own-code' }],
  ])('returns 400 for the body %j', async (body) => {
    expect((await make(body)).statusCode).toBe(400);
    expect(await open()).toEqual([]);
  });

  test('returns 409 when fifty are open; another one can be created after one is revoked', async () => {
    const [first] = await Promise.all(Array.from({ length: 50 }, () => made()));
    const refused = await make();
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'conflict', hint: expect.any(String) });
    expect((await fixture.as('owner', 'DELETE', invites(first?.id))).statusCode).toBe(204);
    expect((await make()).statusCode).toBe(201);
  });
});

describe('accepting an invite', () => {
  test('returns 200 when a stranger accepts: they see the server with its role from the next call on', async () => {
    const { code } = await made({ role: 'admin' });
    expect((await fixture.as('stranger', 'GET', `/servers/${serverId}`)).statusCode).toBe(404);
    const accepted = await accept(code);
    expect(accepted.statusCode).toBe(200);
    expect(accepted.json().server).toMatchObject({ id: serverId, role: 'admin' });
    expect((await fixture.as('stranger', 'GET', `/servers/${serverId}`)).json().server.role).toBe('admin');
    const { members } = (await fixture.as('owner', 'GET', `/servers/${serverId}/access`)).json();
    expect(members.at(-1)).toMatchObject({ userId: ids.stranger, role: 'admin', grantedBy: ids.owner });
  });

  test('returns 200 when a viewer accepts an admin invite and becomes an admin', async () => {
    const { code } = await made({ role: 'admin' });
    expect((await accept(code, 'viewer')).json().server.role).toBe('admin');
    expect((await fixture.rolesOn(serverId))[ids.viewer]).toBe('admin');
  });

  test('returns 409 when a member with the same or a higher role accepts; the invite still works for another person', async () => {
    const { code } = await made({ role: 'viewer' });
    for (const person of ['viewer', 'admin', 'owner'] as const) {
      const refused = await accept(code, person);
      expect(refused.statusCode).toBe(409);
      expect(refused.json()).toMatchObject({ code: 'conflict', details: { serverId, role: person } });
    }
    expect(await fixture.rolesOn(serverId)).toMatchObject({ [ids.admin]: 'admin', [ids.owner]: 'owner' });
    expect((await accept(code, 'stranger')).statusCode).toBe(200);
  });

  test('returns 200 when a super-admin, who is not a member, accepts and becomes one', async () => {
    const { code } = await made({ role: 'viewer' });
    expect((await accept(code, 'super')).json().server.role).toBe('owner');
    expect((await fixture.rolesOn(serverId))[ids.super]).toBe('viewer');
  });

  test('returns 404 with a message when another person has used it; 409 when the same person opens it again', async () => {
    const { code } = await made();
    await accept(code, 'stranger');
    const { statusCode, body } = await accept(code, 'stranger');
    expect([statusCode, JSON.parse(body).details.serverId]).toEqual([409, serverId]);
    const other = await fixture.running.signIn(6001);
    const late = await fixture.running.call('POST', '/invites/accept', { token: other, body: { code } });
    expect(late.statusCode).toBe(404);
    expect(late.json()).toMatchObject({
      error: 'This invite is not valid: it was used, was revoked, has expired or never existed.',
      hint: expect.stringContaining('owner'),
    });
  });

  test('returns 404 when it was revoked, when its server is deleted, and for a made-up code', async () => {
    const [revoked, gone] = [await made(), await made()];
    expect((await fixture.as('owner', 'DELETE', invites(revoked.id))).statusCode).toBe(204);
    expect((await accept(revoked.code)).statusCode).toBe(404);
    expect((await fixture.as('owner', 'DELETE', `/servers/${serverId}`)).statusCode).toBe(204);
    expect((await accept(gone.code)).statusCode).toBe(404);
    expect((await accept('no-such-code')).statusCode).toBe(404);
    expect((await accept(revoked.id)).statusCode).toBe(404);
  });

  test('returns 404 after a transfer: invites of the former owner end with their ownership', async () => {
    const { code } = await made({ role: 'admin' });
    await fixture.as('owner', 'POST', `/servers/${serverId}/transfer`, { userId: ids.admin });
    await fixture.as('admin', 'DELETE', `/servers/${serverId}/access/${ids.owner}`);
    expect((await accept(code, 'owner')).statusCode).toBe(404);
    expect(await open('admin')).toEqual([]);
  });

  test('returns 401 without a sign-in, and the invite stays valid', async () => {
    const { code } = await made();
    expect((await fixture.running.call('POST', '/invites/accept', { body: { code } })).statusCode).toBe(401);
    expect((await accept(code)).statusCode).toBe(200);
  });

  test('one 200 and nineteen 404 when twenty people accept one at once', async () => {
    const { code } = await made({ role: 'admin' });
    const guests = Array.from({ length: 20 }, (_, index) => 7000 + index);
    const tokens: string[] = [];
    for (const guest of guests) tokens.push(await fixture.running.signIn(guest));
    const answers = await Promise.all(
      tokens.map((token) => fixture.running.call('POST', '/invites/accept', { token, body: { code } })),
    );
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.toSorted()).toEqual([200, ...Array(19).fill(404)]);
    const roles = await fixture.rolesOn(serverId);
    expect(Object.keys(roles).filter((userId) => guests.includes(Number(userId)))).toEqual([
      String(guests[statuses.indexOf(200)]),
    ]);
  });
});

describe('list of invites', () => {
  test('returns 200 with open invites, without codes and links; used and revoked ones are left out', async () => {
    const [used, revoked, kept] = [await made(), await made({ role: 'admin' }), await made()];
    await accept(used.code);
    await fixture.as('owner', 'DELETE', invites(revoked.id));
    const answer = await fixture.as('owner', 'GET', invites());
    const { id, role, createdBy, createdAt, expiresAt } = kept;
    expect(answer.json()).toEqual({
      invites: [{ id, role, createdBy, createdAt, expiresAt }],
      nextCursor: null,
    });
    expect(await open('super')).toEqual([kept.id]);
  });

  test('returns 404 when revoking one that is used, already revoked or of another server', async () => {
    const [used, revoked, kept] = [await made(), await made(), await made()];
    await accept(used.code);
    await fixture.as('owner', 'DELETE', invites(revoked.id));
    for (const id of [used.id, revoked.id, 'inv_none'])
      expect((await fixture.as('owner', 'DELETE', invites(id))).statusCode).toBe(404);
    const [here, elsewhere] = [serverId, await fixture.newServer()];
    expect((await fixture.as('owner', 'DELETE', `/servers/${elsewhere}/invites/${kept.id}`)).statusCode).toBe(
      404,
    );
    serverId = here;
    expect(await open()).toEqual([kept.id]);
  });
});

test('audit log holds who created, accepted and revoked what; no code is in it or in any other answer', async () => {
  const [used, revoked] = [await made({ role: 'admin' }), await made()];
  await accept(used.code, 'viewer');
  await accept(used.code, 'stranger');
  await accept('a-guessed-code', 'stranger');
  await fixture.as('owner', 'DELETE', invites(revoked.id));
  const log = await fixture.auditLog();
  const entries = log.filter(({ result }) => result === 'ok').slice(-4);
  expect(
    entries.map(({ action, userId, serverId, target, result }) => [action, userId, serverId, target, result]),
  ).toEqual([
    ['POST /servers/:id/invites', ids.owner, serverId, used.id, 'ok'],
    ['POST /servers/:id/invites', ids.owner, serverId, revoked.id, 'ok'],
    ['POST /invites/accept', ids.viewer, serverId, ids.viewer, 'ok'],
    ['DELETE /servers/:id/invites/:inviteId', ids.owner, serverId, revoked.id, 'ok'],
  ]);
  // Refusals of the same minute are counted together.
  const refused = ({ action, userId, result }: AuditEntry) =>
    action === 'POST /invites/accept' && userId === ids.stranger && result === 'failed';
  const refusals = log.filter(refused).reduce((sum, { details }) => sum + Number(details.count ?? 1), 0);
  expect(refusals).toBeGreaterThanOrEqual(2);
  expect(entries[2]?.details).toMatchObject({ invite: used.id, before: 'viewer', role: 'admin' });
  const everything = [
    JSON.stringify(log),
    (await fixture.as('super', 'GET', '/admin/audit?limit=200')).body,
    (await fixture.as('owner', 'GET', invites())).body,
    (await fixture.as('owner', 'GET', `/servers/${serverId}/access`)).body,
  ].join('\n');
  for (const secret of [used.code, revoked.code, '#code=', 'a-guessed-code'])
    expect(everything).not.toContain(secret);
});

test('with a public host name, invite links lead there, however the caller reached Buoy', async () => {
  const named = await prepareAccessFixture({ APP_DOMAIN: 'buoy.example.org' });
  try {
    const id = await named.newServer();
    const answer = await named.as('owner', 'POST', `/servers/${id}/invites`, { role: 'viewer' });
    expect(answer.json().invite.url).toMatch(/^https:\/\/buoy\.example\.org\/invite#code=/);
  } finally {
    await named.running.close();
  }
});

describe('an invite of somebody who was a super-admin', () => {
  test('is no longer open, unless it was of their own server', async () => {
    const first = await startTestBuoy({ ADMIN_USER_IDS: '901' });
    const tokens = {
      super: await first.signIn(901),
      owner: await first.signIn(902),
      guest: await first.signIn(903),
    };
    const body = { host: '192.0.2.1', port: 1, username: 'x', authType: 'password', password: 'x' };
    const codes: string[] = [];
    for (const owner of ['owner', 'super'] as const) {
      const added = await first.call('POST', '/servers', {
        token: tokens[owner],
        body: { ...body, name: owner },
      });
      const url = `/servers/${added.json().server.id}/invites`;
      const { invite } = (
        await first.call('POST', url, { token: tokens.super, body: { role: 'admin' } })
      ).json();
      codes.push(invite.url.split('#code=')[1]);
    }
    await first.stop();
    const second = await startTestBuoy({ ADMIN_USER_IDS: '904' }, first.dataDir);
    const statuses: number[] = [];
    const token = await second.signIn(903);
    for (const code of codes)
      statuses.push((await second.call('POST', '/invites/accept', { token, body: { code } })).statusCode);
    expect(statuses).toEqual([404, 200]);
    await second.close();
    await first.close();
  });
});
