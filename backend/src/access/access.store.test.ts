// Grants on both databases: visibility of servers and roles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { isUniqueViolation } from '../db/storage-errors.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { userRow, userWith } from '../users/testing/people.ts';
import { type AccessStore, createAccessStore } from './access.store.ts';
import { type Access, createAccess } from './access.ts';

const at = '2026-03-01T10:00:00.000Z';

describe.each(testDatabases())('access on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: AccessStore;
  let access: Access;
  beforeAll(async () => {
    database = await open();
    store = createAccessStore(database.db);
    access = createAccess({ store, isSuperAdmin: () => Promise.resolve(false) });
    for (const id of ['srv_one', 'srv_two'])
      await createServerStore(database.db).insert(serverRow(id, { createdBy: 'owner' }));
  });
  afterAll(() => database.close());

  const grant = (userId: string, role: string) =>
    database.db
      .insertInto('grants')
      .values({ serverId: 'srv_one', userId, role, grantedBy: 'owner', createdAt: at })
      .execute();
  const user = (id: string, isSuperAdmin = false) => userWith(id, { isSuperAdmin });

  test('the creator of a server is its owner', async () => {
    expect(await access.roleOf(user('owner'), 'srv_one')).toBe('owner');
    expect((await access.visibleServerIds(user('owner')))?.sort()).toEqual(['srv_one', 'srv_two']);
  });

  test('without a grant there is no role and no visible server, even for a similar id', async () => {
    for (const id of ['stranger', 'Owner', 'owner ', 'owner%', ''])
      expect(await access.roleOf(user(id), 'srv_one')).toBeNull();
    expect(await access.visibleServerIds(user('stranger'))).toEqual([]);
  });

  test("a grant applies to its server only, and before the person's first sign-in", async () => {
    await grant('424242', 'viewer');
    expect(await access.roleOf(user('424242'), 'srv_one')).toBe('viewer');
    expect(await access.roleOf(user('424242'), 'srv_two')).toBeNull();
    expect(await access.visibleServerIds(user('424242'))).toEqual(['srv_one']);
  });

  test('a person has one role on a server: a second grant is refused', async () => {
    await grant('twice', 'viewer');
    const second = await grant('twice', 'admin').catch((error: unknown) => error);
    expect(isUniqueViolation(second)).toBe(true);
    expect(await store.findRole('srv_one', 'twice')).toBe('viewer');
  });

  test('a new owner gets neither its jump server nor a host key that was shown behind it', async () => {
    const servers = createServerStore(database.db);
    await servers.insert(serverRow('srv_jump', { createdBy: 'owner' }));
    const behind = {
      ...{ createdBy: 'owner', jumpServerId: 'srv_jump' },
      ...{ offeredKeyAlgorithm: 'ssh-ed25519', offeredKeyFingerprint: 'SHA256:shown' },
    };
    await servers.insert(serverRow('srv_behind', behind));
    const change = { serverId: 'srv_behind', from: 'owner', to: 'heir', grantedBy: 'owner', now: at };
    await store.transfer({ ...change, limit: null });
    expect(await servers.find('srv_behind')).toMatchObject({
      ...{ jumpServerId: null, jumpServerRemoved: 1 },
      ...{ offeredKeyAlgorithm: null, offeredKeyFingerprint: null },
    });
  });

  test('an unknown role grants nothing', async () => {
    await grant('future', 'auditor');
    expect(await access.roleOf(user('future'), 'srv_one')).toBeNull();
  });

  test('a super-admin owns every existing server and no other', async () => {
    expect(await access.roleOf(user('boss', true), 'srv_one')).toBe('owner');
    expect(await access.roleOf(user('boss', true), 'srv_none')).toBeNull();
    expect(await access.visibleServerIds(user('boss', true))).toBeNull();
  });

  test('an admin or the owner is an active admin, while they are not disabled', async () => {
    await database.db.insertInto('users').values(userRow('active')).execute();
    await grant('active', 'admin');
    await grant('looking', 'viewer');
    const isActive = (userId: string) => access.isActiveAdmin(userId, 'srv_one');
    expect([await isActive('active'), await isActive('owner'), await isActive('looking')]).toEqual([
      true,
      true,
      false,
    ]);
    await database.db.updateTable('users').set({ disabledAt: at }).where('id', '=', 'active').execute();
    expect(await isActive('active')).toBe(false);
  });

  test('a revoked grant has no effect on the next check', async () => {
    await grant('leaving', 'admin');
    await database.db.deleteFrom('grants').where('userId', '=', 'leaving').execute();
    expect(await access.roleOf(user('leaving'), 'srv_one')).toBeNull();
  });
});
