// Access to a server over HTTP: members, roles, ownership.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());
beforeEach(async () => {
  serverId = await fixture.newServer();
});

const access = (userId = '') => `/servers/${serverId}/access${userId === '' ? '' : `/${userId}`}`;
const grant = (userId: string, role = 'viewer', by: Person = 'owner') =>
  fixture.as(by, 'POST', access(), { userId, role });
const transfer = (userId: string, by: Person = 'owner') =>
  fixture.as(by, 'POST', `/servers/${serverId}/transfer`, { userId });
const statusFor = async (person: Person) =>
  (await fixture.as(person, 'GET', `/servers/${serverId}`)).statusCode;
let newcomers = 5000;
/** An id that nobody has signed in with yet. */
const newcomer = () => {
  newcomers += 1;
  return String(newcomers);
};

test('the owner of a server is shown to its admins and not to viewers', async () => {
  const ownerOf = async (person: 'admin' | 'viewer') => {
    const { server } = (await fixture.as(person, 'GET', `/servers/${serverId}`)).json();
    const { servers } = (await fixture.as(person, 'GET', '/servers')).json();
    const listed = servers.find(({ id }: { id: string }) => id === serverId);
    return [server.owner?.id ?? null, listed.owner?.id ?? null];
  };
  expect(await ownerOf('admin')).toEqual([ids.owner, ids.owner]);
  expect(await ownerOf('viewer')).toEqual([null, null]);
});

describe('members of a server', () => {
  test('returns 200 when an admin, the owner or a super-admin lists them: the owner first, and no super-admin among them', async () => {
    for (const person of ['admin', 'owner', 'super'] as const) {
      const answer = await fixture.as(person, 'GET', access());
      expect(answer.statusCode).toBe(200);
      expect(answer.json().members).toMatchObject([
        {
          userId: ids.owner,
          role: 'owner',
          firstName: expect.stringContaining('User 100'),
          grantedBy: ids.owner,
        },
        { userId: ids.admin, role: 'admin', grantedBy: ids.owner },
        { userId: ids.viewer, role: 'viewer', grantedBy: ids.owner },
      ]);
      expect(answer.json().nextCursor).toBeNull();
    }
  });

  test('returns 403 when a viewer lists them, 404 when a stranger does or the server does not exist', async () => {
    expect((await fixture.as('viewer', 'GET', access())).statusCode).toBe(403);
    expect((await fixture.as('stranger', 'GET', access())).statusCode).toBe(404);
    expect((await fixture.as('super', 'GET', '/servers/srv_none/access')).statusCode).toBe(404);
  });

  test('returns 201 when the owner grants a role to an unknown id, which sees the server from its first sign-in on', async () => {
    const userId = newcomer();
    const granted = await grant(userId, 'admin');
    expect(granted.statusCode).toBe(201);
    expect(granted.json().member).toMatchObject({
      ...{ userId, role: 'admin', username: null, firstName: null },
      grantedBy: ids.owner,
    });
    const token = await fixture.running.signIn(Number(userId));
    const seen = await fixture.running.call('GET', `/servers/${serverId}`, { token });
    expect(seen.json().server).toMatchObject({ id: serverId, role: 'admin' });
    const { members } = (await fixture.as('owner', 'GET', access())).json();
    expect(members.at(-1)).toMatchObject({ userId, firstName: expect.stringContaining(`User ${userId}`) });
  });

  test('returns 201 when a super-admin, who is no member, grants a role', async () => {
    const userId = newcomer();
    expect((await grant(userId, 'viewer', 'super')).json().member).toMatchObject({
      userId,
      grantedBy: ids.super,
    });
    expect(await fixture.rolesOn(serverId)).not.toHaveProperty(ids.super);
  });

  test('returns 403 when an admin or a viewer grants, changes or revokes a role, 404 when a stranger does; nothing changes', async () => {
    const before = await fixture.rolesOn(serverId);
    for (const [person, status] of [
      ['admin', 403],
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await grant(newcomer(), 'viewer', person)).statusCode).toBe(status);
      expect((await fixture.as(person, 'PUT', access(ids.viewer), { role: 'admin' })).statusCode).toBe(
        status,
      );
      expect(
        (await fixture.as(person, 'DELETE', access(ids[person === 'viewer' ? 'admin' : 'viewer'])))
          .statusCode,
      ).toBe(status);
      expect((await transfer(ids[person], person)).statusCode).toBe(status);
    }
    expect(await fixture.rolesOn(serverId)).toEqual(before);
  });

  test('returns 409 when the owner grants a role to a member, with their current role, which stays', async () => {
    const again = await grant(ids.viewer, 'admin');
    expect(again.statusCode).toBe(409);
    expect(again.json()).toMatchObject({
      code: 'duplicate',
      details: { role: 'viewer' },
      hint: expect.any(String),
    });
    expect((await fixture.rolesOn(serverId))[ids.viewer]).toBe('viewer');
  });

  test.each([
    ['the owner grants a role to themselves', 'owner', ids.owner],
    ['a super-admin grants a role to the owner', 'super', ids.owner],
    ['a super-admin grants a role to themselves', 'super', ids.super],
  ] as const)('returns 409 when %s', async (_, person, userId) => {
    const before = await fixture.rolesOn(serverId);
    const refused = await grant(userId, 'viewer', person);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'conflict']);
    expect(await fixture.rolesOn(serverId)).toEqual(before);
  });

  test.each(['alice', '007', 'u_nobody', '-5'])(
    'returns 400 when a role is granted to "%s", an id that nobody can sign in with',
    async (userId) => {
      const refused = await grant(userId);
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toMatchObject({
        details: [{ path: 'userId' }],
        hint: expect.stringContaining('invite'),
      });
    },
  );

  test.each(['owner', 'root', '', null])('returns 400 when the role %j is given', async (role) => {
    expect((await fixture.as('owner', 'POST', access(), { userId: newcomer(), role })).statusCode).toBe(400);
    expect((await fixture.as('owner', 'PUT', access(ids.viewer), { role })).statusCode).toBe(400);
  });

  test('returns 200 when the owner raises a viewer and lowers an admin; both apply to the very next call', async () => {
    const name = { name: 'renamed' };
    expect((await fixture.as('viewer', 'PUT', `/servers/${serverId}`, name)).statusCode).toBe(403);
    const raised = await fixture.as('owner', 'PUT', access(ids.viewer), { role: 'admin' });
    expect(raised.json().member).toMatchObject({ userId: ids.viewer, role: 'admin' });
    expect((await fixture.as('viewer', 'PUT', `/servers/${serverId}`, name)).statusCode).toBe(200);

    expect((await fixture.as('admin', 'PUT', `/servers/${serverId}`, name)).statusCode).toBe(200);
    expect((await fixture.as('owner', 'PUT', access(ids.admin), { role: 'viewer' })).statusCode).toBe(200);
    const refused = await fixture.as('admin', 'PUT', `/servers/${serverId}`, name);
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
    expect(await statusFor('admin')).toBe(200);
  });

  test('returns 204 when the owner revokes a role; that person gets 404 for the server from the next call on', async () => {
    expect(await statusFor('viewer')).toBe(200);
    expect((await fixture.as('owner', 'DELETE', access(ids.viewer))).statusCode).toBe(204);
    expect(await statusFor('viewer')).toBe(404);
    const { servers } = (await fixture.as('viewer', 'GET', '/servers?limit=200')).json();
    expect(servers.map(({ id }: { id: string }) => id)).not.toContain(serverId);
    expect((await fixture.as('owner', 'DELETE', access(ids.viewer))).statusCode).toBe(404);
  });

  test("returns 409 when the owner's own role is changed or revoked, also by a super-admin, with a hint to transfer the server", async () => {
    for (const person of ['owner', 'super'] as const) {
      for (const refused of [
        await fixture.as(person, 'PUT', access(ids.owner), { role: 'viewer' }),
        await fixture.as(person, 'DELETE', access(ids.owner)),
      ]) {
        expect(refused.statusCode).toBe(409);
        expect(refused.json()).toMatchObject({ code: 'conflict', hint: expect.stringContaining('Transfer') });
      }
    }
    expect((await fixture.rolesOn(serverId))[ids.owner]).toBe('owner');
  });

  test('returns 404 when the role of a person who is not a member is changed or revoked, a super-admin included', async () => {
    for (const userId of [ids.stranger, ids.super, 'u_nobody']) {
      expect((await fixture.as('owner', 'PUT', access(userId), { role: 'viewer' })).statusCode).toBe(404);
      expect((await fixture.as('owner', 'DELETE', access(userId))).statusCode).toBe(404);
    }
  });
});

describe('ownership of a server', () => {
  test('returns 200 when the owner transfers it: the answer has their new role, and their next call as owner is refused', async () => {
    const transferred = await transfer(ids.viewer);
    expect(transferred.statusCode).toBe(200);
    expect(transferred.json().server).toMatchObject({ id: serverId, role: 'admin' });
    expect(await fixture.rolesOn(serverId)).toEqual({
      [ids.viewer]: 'owner',
      [ids.owner]: 'admin',
      [ids.admin]: 'admin',
    });
    expect((await grant(newcomer())).statusCode).toBe(403);
    expect((await transfer(ids.owner)).statusCode).toBe(403);
    expect((await grant(newcomer(), 'viewer', 'viewer')).statusCode).toBe(201);
    expect((await fixture.as('viewer', 'DELETE', access(ids.owner))).statusCode).toBe(204);
    expect(await statusFor('owner')).toBe(404);
  });

  test('returns 200 when it is transferred to a person who is not a member but has signed in', async () => {
    expect((await transfer(ids.stranger)).statusCode).toBe(200);
    expect((await fixture.rolesOn(serverId))[ids.stranger]).toBe('owner');
  });

  test('returns 200 when a super-admin transfers it, to others or to themselves; they act as owner before and after', async () => {
    expect((await transfer(ids.admin, 'super')).json().server.role).toBe('owner');
    expect((await transfer(ids.super, 'super')).json().server.role).toBe('owner');
    expect(await fixture.rolesOn(serverId)).toMatchObject({
      [ids.super]: 'owner',
      [ids.admin]: 'admin',
      [ids.owner]: 'admin',
    });
  });

  test('returns 409 when the new owner is the present one or has never signed in; nothing changes', async () => {
    const before = await fixture.rolesOn(serverId);
    expect((await transfer(ids.owner)).json()).toMatchObject({ code: 'conflict' });
    const userId = newcomer();
    const unknown = await transfer(userId);
    expect(unknown.statusCode).toBe(409);
    expect(unknown.json()).toMatchObject({ code: 'conflict', hint: expect.stringContaining('sign in once') });
    expect(await fixture.rolesOn(serverId)).toEqual(before);
    await grant(userId);
    expect((await transfer(userId)).statusCode).toBe(409);
    await fixture.running.signIn(Number(userId));
    expect((await transfer(userId)).statusCode).toBe(200);
  });

  test('one 200 when the owner transfers it to twenty people at once: it ends up with exactly one owner', async () => {
    const newOwners = Array.from({ length: 20 }, newcomer);
    for (const newOwner of newOwners) await fixture.running.signIn(Number(newOwner));
    const answers = await Promise.all(newOwners.map((newOwner) => transfer(newOwner)));
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    // Later calls come from a former owner: refused by authorization, or right after it.
    expect(statuses.filter((status) => ![200, 403, 409].includes(status))).toEqual([]);
    const roles = await fixture.rolesOn(serverId);
    expect(Object.entries(roles).filter(([, role]) => role === 'owner')).toEqual([
      [newOwners[statuses.indexOf(200)], 'owner'],
    ]);
  });

  test('returns 404 when a hidden server is transferred', async () => {
    expect((await transfer(ids.stranger, 'stranger')).statusCode).toBe(404);
  });
});

describe('audit log of access changes', () => {
  test('has one entry for each change: who, whose role, on which server, from what to what', async () => {
    const userId = newcomer();
    await grant(userId, 'viewer');
    await fixture.as('owner', 'PUT', access(userId), { role: 'admin' });
    await fixture.as('super', 'DELETE', access(userId));
    await transfer(ids.admin);
    const entries = (await fixture.auditLog()).filter((entry) => entry.serverId === serverId).slice(-4);
    expect(entries.map(({ action, userId, target, result }) => [action, userId, target, result])).toEqual([
      ['POST /servers/:id/access', ids.owner, userId, 'ok'],
      ['PUT /servers/:id/access/:userId', ids.owner, userId, 'ok'],
      ['DELETE /servers/:id/access/:userId', ids.super, userId, 'ok'],
      ['POST /servers/:id/transfer', ids.owner, ids.admin, 'ok'],
    ]);
    expect(entries.map(({ details }) => details)).toMatchObject([
      { role: 'viewer' },
      { before: 'viewer', role: 'admin' },
      { before: 'admin' },
      { before: ids.owner },
    ]);
    const { chainOk } = (await fixture.as('super', 'GET', '/admin/audit')).json();
    expect(chainOk).toBe(true);
  });

  test('has an entry for denied and for failed changes', async () => {
    await grant(newcomer(), 'admin', 'admin');
    await grant(ids.viewer);
    const entries = (await fixture.auditLog()).slice(-2);
    expect(entries).toMatchObject([
      { userId: ids.admin, serverId, result: 'denied', details: { status: 403 } },
      { userId: ids.owner, serverId, result: 'failed', details: { status: 409 } },
    ]);
  });
});
