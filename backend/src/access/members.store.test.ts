// Members on both databases: exactly one owner under concurrency, and changes only from the expected state.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { type AccessStore, createAccessStore } from './access.store.ts';
import { createInviteStore } from './invites.store.ts';
import { createMembers, type Members } from './members.ts';
import { callerWith, createPeopleOf, createStillClock, outcomes } from './testing/servers-and-people.ts';

const clock = createStillClock();
const owner = callerWith('1000');

describe.each(testDatabases())('members on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: AccessStore;
  let members: Members;
  let people: ReturnType<typeof createPeopleOf>;
  let serverId: string;
  beforeAll(async () => {
    database = await open();
    store = createAccessStore(database.db);
    members = createMembers({
      endMaintenanceOf: () => async () => {},
      store,
      isSuperAdmin: async () => false,
      serversPerUser: 100,
      onChanged: () => Promise.resolve(),
      clock,
    });
    people = createPeopleOf(database);
    await people.signIn(owner.user.id, 'ada');
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    serverId = await people.newServer(owner.user.id);
  });

  const grant = (userId: string, role: 'admin' | 'viewer' = 'viewer') =>
    members.grant(owner, serverId, { userId, role });

  test('lists the owner first, then members by join date; a profile appears after the first sign-in', async () => {
    for (const userId of ['30', '10', '20']) {
      clock.pass(1000);
      await grant(userId);
    }
    await people.signIn('10', 'grace');
    const listed = await members.list(serverId);
    expect(
      listed.map(({ userId, role, username, firstName }) => [userId, role, username, firstName]),
    ).toEqual([
      ['1000', 'owner', 'ada', 'First 1000'],
      ['30', 'viewer', null, null],
      ['10', 'viewer', 'grace', 'First 10'],
      ['20', 'viewer', null, null],
    ]);
    expect(listed[1]).toMatchObject({ grantedBy: '1000' });
  });

  test('an unknown role does not count as membership', async () => {
    const row = {
      serverId,
      userId: '7',
      role: 'auditor',
      grantedBy: '1000',
      createdAt: '2026-03-01T10:00:00.000Z',
    };
    await database.db.insertInto('grants').values(row).execute();
    expect((await members.list(serverId)).map(({ userId }) => userId)).toEqual(['1000']);
  });

  test('twenty grants to one person at once: one is stored, and the others report the stored role', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => grant('77', index % 2 === 0 ? 'admin' : 'viewer')),
    );
    const { done, refused } = outcomes(settled);
    expect(done).toBe(1);
    expect(new Set(refused)).toEqual(new Set(['duplicate']));
    const [made] = settled.filter((one) => one.status === 'fulfilled');
    expect((await people.rolesOn(serverId))['77']).toBe(made?.value.role);
  });

  test("changes a role only from the expected role, and never the owner's", async () => {
    await grant('77', 'viewer');
    const change = { serverId, userId: '77', to: 'admin', grantedBy: '1000' };
    expect(await store.changeRole({ ...change, from: 'admin' })).toBe(false);
    expect(await store.changeRole({ ...change, from: 'viewer' })).toBe(true);
    expect(await store.removeGrant({ serverId, userId: '77', from: 'viewer' })).toBe(false);
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner', 77: 'admin' });
  });

  test('writes the hook with the change, skips it when nothing changes, and rolls back when it fails', async () => {
    let written = 0;
    const count = async () => {
      written += 1;
    };
    const fail = async () => {
      throw new Error('The audit log is full.');
    };
    const row = {
      serverId,
      userId: '88',
      role: 'viewer',
      grantedBy: '1000',
      createdAt: '2026-03-01T10:00:00.000Z',
    };
    await expect(store.insertGrant(row, fail)).rejects.toThrow('The audit log is full.');
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner' });
    expect(await store.insertGrant(row, count)).toBe(true);
    expect(await store.insertGrant(row, count)).toBe(false);
    expect(await store.removeGrant({ serverId, userId: '99', from: 'viewer' }, count)).toBe(false);
    expect(written).toBe(1);
    await people.signIn('88');
    const transfer = {
      ...{ serverId, from: '1000', to: '88', grantedBy: '1000', now: '2026-03-01T10:00:00.000Z' },
      limit: null,
    };
    await expect(store.transfer(transfer, fail)).rejects.toThrow('The audit log is full.');
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner', 88: 'viewer' });
  });

  test('a server has at most 200 members, also when many are granted at once', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 205 }, (_, index) =>
        members.grant(owner, serverId, { userId: String(5_000 + index), role: 'viewer' }),
      ),
    );
    const { done, refused } = outcomes(settled);
    expect(done).toBe(199);
    expect(new Set(refused)).toEqual(new Set(['conflict']));
    await people.signIn('77');
    await members.transfer(owner, serverId, '77');
    expect(Object.keys(await people.rolesOn(serverId))).toHaveLength(201);
  });

  test('granting on a deleted server fails with not_found', async () => {
    await people.removeServer(serverId);
    await expect(grant('77')).rejects.toMatchObject({ code: 'not_found' });
    expect(await people.rolesOn(serverId)).toEqual({});
  });

  test('a transfer makes a member or non-member the owner, the former owner an admin, and ends open invites', async () => {
    await people.signIn('77');
    await people.signIn('78');
    await grant('77', 'viewer');
    const invites = createInviteStore(database.db);
    const invite = {
      id: `inv_${serverId}`,
      serverId,
      role: 'admin',
      codeHash: serverId,
      createdBy: '1000',
      createdAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2027-03-01T10:00:00.000Z',
    };
    await invites.insert(invite, 10);
    await members.transfer(owner, serverId, '77');
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'admin', 77: 'owner' });
    expect(await invites.findByCode(serverId)).toBeUndefined();
    await members.transfer(callerWith('77'), serverId, '78');
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'admin', 77: 'admin', 78: 'owner' });
  });

  test('a transfer to a person without the right to add servers is refused, and changes nothing', async () => {
    await people.signIn('79');
    await database.db.updateTable('users').set({ mayAddServers: 0 }).where('id', '=', '79').execute();
    await expect(members.transfer(owner, serverId, '79')).rejects.toMatchObject({ code: 'conflict' });
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner' });
    await database.db.updateTable('users').set({ mayAddServers: 1 }).where('id', '=', '79').execute();
    await members.transfer(owner, serverId, '79');
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'admin', 79: 'owner' });
  });

  test('twenty transfers at once to different people: one succeeds, and the server has exactly one owner', async () => {
    const newOwners = Array.from({ length: 20 }, (_, index) => String(2000 + index));
    for (const newOwner of newOwners) await people.signIn(newOwner);
    const settled = await Promise.allSettled(
      newOwners.map((newOwner) => members.transfer(owner, serverId, newOwner)),
    );
    const { done, refused } = outcomes(settled);
    expect(done).toBe(1);
    expect(new Set(refused)).toEqual(new Set(['conflict']));
    const newOwner = newOwners[settled.findIndex(({ status }) => status === 'fulfilled')] ?? '';
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'admin', [newOwner]: 'owner' });
  });

  test('a transfer concurrent with a change, revocation and grant of the new owner leaves exactly one owner', async () => {
    await people.signIn('77');
    for (let round = 0; round < 10; round += 1) {
      serverId = await people.newServer(owner.user.id);
      await grant('77', 'viewer');
      const settled = await Promise.allSettled([
        members.changeRole(owner, serverId, '77', 'admin'),
        members.transfer(owner, serverId, '77'),
        members.revoke(owner, serverId, '77'),
        members.grant(owner, serverId, { userId: '77', role: 'viewer' }),
      ]);
      expect(
        outcomes(settled).refused.every((code) =>
          ['conflict', 'duplicate', 'forbidden', 'not_found'].includes(code),
        ),
      ).toBe(true);
      const roles = Object.values(await people.rolesOn(serverId));
      expect(roles.filter((role) => role === 'owner')).toHaveLength(1);
    }
  });

  test('deleting a server during transfers leaves no rows and causes only expected errors', async () => {
    await people.signIn('77');
    for (let round = 0; round < 10; round += 1) {
      serverId = await people.newServer(owner.user.id);
      const settled = await Promise.allSettled([
        members.transfer(owner, serverId, '77'),
        people.removeServer(serverId),
        grant('78'),
      ]);
      // Between the two, the owner of before may grant nothing.
      const ownsNoMore = settled[0].status === 'fulfilled' ? ['forbidden'] : [];
      expect(['conflict', 'not_found', ...ownsNoMore]).toEqual(
        expect.arrayContaining(outcomes(settled).refused),
      );
      expect(await people.rolesOn(serverId)).toEqual({});
    }
  });

  test('any sequence of changes leaves one owner and the roles given last', async () => {
    const person = fc.constantFrom('1000', '77', '78', '79');
    const role = fc.constantFrom('admin' as const, 'viewer' as const);
    const change = fc.oneof(
      fc.record({ kind: fc.constant('grant' as const), person, role }),
      fc.record({ kind: fc.constant('change' as const), person, role }),
      fc.record({ kind: fc.constant('revoke' as const), person }),
      fc.record({ kind: fc.constant('transfer' as const), person }),
    );
    for (const userId of ['77', '78', '79']) await people.signIn(userId);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        serverId = await people.newServer('1000');
        const expected: Record<string, string> = { 1000: 'owner' };
        for (const one of changes) {
          const ownerId = Object.keys(expected).find((userId) => expected[userId] === 'owner') ?? '';
          const caller = callerWith(ownerId);
          const held = expected[one.person];
          if (one.kind === 'grant') {
            const granting = members.grant(caller, serverId, { userId: one.person, role: one.role });
            if (held === undefined) {
              await granting;
              expected[one.person] = one.role;
            } else await expect(granting).rejects.toMatchObject({ status: 409 });
          } else if (one.kind === 'transfer') {
            const transfer = members.transfer(caller, serverId, one.person);
            if (held === 'owner') await expect(transfer).rejects.toMatchObject({ status: 409 });
            else {
              await transfer;
              expected[ownerId] = 'admin';
              expected[one.person] = 'owner';
            }
          } else {
            const changing =
              one.kind === 'change'
                ? members.changeRole(caller, serverId, one.person, one.role)
                : members.revoke(caller, serverId, one.person);
            if (held === undefined || held === 'owner')
              await expect(changing).rejects.toMatchObject({ status: held === undefined ? 404 : 409 });
            else {
              await changing;
              if (one.kind === 'change') expected[one.person] = one.role;
              else delete expected[one.person];
            }
          }
        }
        expect(await people.rolesOn(serverId)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});
