// Invites on both databases: each works once, for one person, until it expires, also under concurrency.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { InviteTable, UserTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { AppError } from '../lib/app-error.ts';
import { newGuest } from '../users/new-person.ts';
import { createAccessStore } from './access.store.ts';
import { createInviteStore, type GuestsLimit, type InviteStore } from './invites.store.ts';
import { createInvites, type Invites } from './invites.ts';
import { createMembers, type Members } from './members.ts';
import { callerWith, createPeopleOf, createStillClock, outcomes } from './testing/servers-and-people.ts';

const HOUR_MS = 3_600_000;
const clock = createStillClock();
const owner = callerWith('1000');

describe.each(testDatabases())('invites on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: InviteStore;
  let invites: Invites;
  let members: Members;
  let people: ReturnType<typeof createPeopleOf>;
  let serverId: string;
  beforeAll(async () => {
    database = await open();
    store = createInviteStore(database.db);
    const grants = createAccessStore(database.db);
    invites = createInvites({
      signIn: { asGuest: () => Promise.reject(new Error('nobody comes as a guest here')) },
      store,
      grants,
      isSuperAdmin: async () => false,
      appDomain: null,
      clock,
    });
    members = createMembers({
      endMaintenanceOf: () => async () => {},
      store: grants,
      isSuperAdmin: async () => false,
      serversPerUser: 100,
      onChanged: () => Promise.resolve(),
      clock,
    });
    people = createPeopleOf(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    serverId = await people.newServer(owner.user.id);
  });

  const invite = async (role: 'admin' | 'viewer' = 'viewer', expiresInH = 24) => {
    const { id, url } = await invites.create(owner, serverId, { role, expiresInH }, 'https://buoy.example');
    return { id, code: url.split('#code=')[1] ?? '' };
  };
  const accept = (userId: string, code: string) => invites.accept(callerWith(userId), code);
  const open50 = (id: string) => ({
    id,
    serverId,
    role: 'viewer',
    codeHash: id,
    createdBy: '1000',
    createdAt: '2026-03-01T10:00:00.000Z',
    expiresAt: '2027-03-01T10:00:00.000Z',
  });

  test('stores a hash instead of the code, and finds the invite by the code', async () => {
    const { code } = await invite();
    const stored = JSON.stringify(await database.db.selectFrom('invites').selectAll().execute());
    expect(code.length).toBeGreaterThanOrEqual(43);
    expect(stored).not.toContain(code);
    expect(await accept('77', code)).toBe(serverId);
  });

  test('twenty people accept one invite at once: one succeeds, the others get not_found', async () => {
    const { code } = await invite('admin');
    const guests = Array.from({ length: 20 }, (_, index) => String(2000 + index));
    const settled = await Promise.allSettled(guests.map((guest) => accept(guest, code)));
    const { done, refused } = outcomes(settled);
    expect(done).toBe(1);
    expect(new Set(refused)).toEqual(new Set(['not_found']));
    const guest = guests[settled.findIndex(({ status }) => status === 'fulfilled')] ?? '';
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner', [guest]: 'admin' });
  });

  test('one person accepts twenty times at once: one call succeeds, the others report it as already accepted', async () => {
    const { code } = await invite();
    const { done, refused } = outcomes(
      await Promise.allSettled(Array.from({ length: 20 }, () => accept('77', code))),
    );
    expect(done).toBe(1);
    expect(new Set(refused)).toEqual(new Set(['conflict']));
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner', 77: 'viewer' });
  });

  test('one person accepts a viewer and an admin invite at once: the result is admin, and no invite is wasted', async () => {
    for (let round = 0; round < 10; round += 1) {
      serverId = await people.newServer(owner.user.id);
      const [low, high] = [await invite('viewer'), await invite('admin')];
      await Promise.allSettled([accept('77', low.code), accept('77', high.code)]);
      // A concurrent acceptance may fail and ask the person to open the link again.
      await accept('77', high.code).catch(() => undefined);
      expect((await people.rolesOn(serverId))['77']).toBe('admin');
      const open = (await invites.list(serverId)).map(({ id }) => id);
      expect(open).not.toContain(high.id);
    }
  });

  test('revoking during acceptance: exactly one of the two succeeds', async () => {
    for (let round = 0; round < 10; round += 1) {
      serverId = await people.newServer(owner.user.id);
      const { id, code } = await invite();
      const [accepted, revoked] = await Promise.allSettled([
        accept('77', code),
        invites.revoke(serverId, id),
      ]);
      expect([accepted.status, revoked.status].sort()).toEqual(['fulfilled', 'rejected']);
      expect('77' in (await people.rolesOn(serverId))).toBe(accepted.status === 'fulfilled');
    }
  });

  test("raises a member's role and keeps the join date", async () => {
    const before = await members.grant(owner, serverId, { userId: '77', role: 'viewer' });
    clock.pass(HOUR_MS);
    await accept('77', (await invite('admin')).code);
    const [, after] = await members.list(serverId);
    expect(after).toEqual({ ...before, role: 'admin' });
  });

  test('a member with the same role does not use it up; another person can still accept it', async () => {
    await members.grant(owner, serverId, { userId: '77', role: 'admin' });
    for (const role of ['viewer', 'admin'] as const) {
      const { code } = await invite(role);
      for (const userId of ['77', '1000'])
        await expect(accept(userId, code)).rejects.toMatchObject({ code: 'conflict' });
      expect(await accept(`9${role.length}`, code)).toBe(serverId);
    }
    expect((await people.rolesOn(serverId))['77']).toBe('admin');
  });

  test('an invite is valid until it expires; then it is neither listed nor revocable', async () => {
    const [first, second] = [await invite('viewer', 1), await invite('viewer', 1)];
    clock.pass(HOUR_MS - 1);
    await accept('77', first.code);
    expect((await invites.list(serverId)).map(({ id }) => id)).toEqual([second.id]);
    clock.pass(1);
    await expect(accept('78', second.code)).rejects.toMatchObject({ code: 'not_found' });
    expect(await invites.list(serverId)).toEqual([]);
    await expect(invites.revoke(serverId, second.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner', 77: 'viewer' });
  });

  test('a revoked member cannot return by an invite that they already used', async () => {
    const { code } = await invite();
    await accept('77', code);
    await members.revoke(owner, serverId, '77');
    await expect(accept('77', code)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('deleting a server deletes its invites', async () => {
    const { code } = await invite();
    await people.removeServer(serverId);
    await expect(accept('77', code)).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.listOpen(serverId, '2026-01-01T00:00:00.000Z')).toEqual([]);
  });

  test('sixty invites made at once: fifty are open, counted per server', async () => {
    const other = await people.newServer(owner.user.id);
    const { done, refused } = outcomes(await Promise.allSettled(Array.from({ length: 60 }, () => invite())));
    expect([done, refused.length]).toEqual([50, 10]);
    expect(new Set(refused)).toEqual(new Set(['conflict']));
    expect(await invites.list(serverId)).toHaveLength(50);
    serverId = other;
    await invite();
  });

  test('a used, revoked or expired invite frees its place in the limit', async () => {
    const at = (id: string) => store.insert(open50(`${serverId}_${id}`), 2);
    expect([await at('a'), await at('b'), await at('c')]).toEqual([true, true, false]);
    const used = await store.findByCode(`${serverId}_a`);
    const now = '2026-03-01T10:00:00.000Z';
    await store.accept(used ?? expect.unreachable(), { userId: '77', held: null, now });
    expect([await at('d'), await at('e')]).toEqual([true, false]);
    await store.remove({ serverId, id: `${serverId}_b`, now });
    expect([await at('f'), await at('g')]).toEqual([true, false]);
    const late = { ...open50(`${serverId}_h`), createdAt: '2027-03-01T10:00:00.000Z' };
    expect(await store.insert({ ...late, expiresAt: '2028-03-01T10:00:00.000Z' }, 2)).toBe(true);
  });

  test('an invite cannot be revoked through another server', async () => {
    const { id, code } = await invite();
    const other = await people.newServer(owner.user.id);
    await expect(invites.revoke(other, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await accept('77', code)).toBe(serverId);
  });

  test('twenty guests and twenty users accept one invite at once: one succeeds, and no extra person is created', async () => {
    const { code } = await invite();
    const found = await database.db
      .selectFrom('invites')
      .selectAll()
      .where('serverId', '=', serverId)
      .executeTakeFirstOrThrow();
    const createdAt = '2026-03-01T10:00:00.000Z';
    const guests = Array.from({ length: 20 }, (_, at) =>
      newGuest({ name: `Guest ${at}`, invitedBy: '1000', createdAt }),
    );
    const admit = (guest: UserTable) =>
      database.db.transaction().execute(
        store.admitting(found, guest, {
          notOpen: () => new AppError('not_found', 'It was used.'),
          limit: null,
        }),
      );
    const settled = await Promise.allSettled([
      ...guests.map(admit),
      ...Array.from({ length: 20 }, (_, at) => accept(`7${at}`, code)),
    ]);
    expect(outcomes(settled)).toEqual({ done: 1, refused: Array(39).fill('not_found') });
    const made = await database.db
      .selectFrom('users')
      .select('id')
      .where(
        'id',
        'in',
        guests.map(({ id }) => id),
      )
      .execute();
    const roles = Object.keys(await people.rolesOn(serverId));
    expect(roles).toHaveLength(2);
    expect(made.map(({ id }) => id)).toEqual(roles.filter((id) => id.startsWith('u_')));
  });

  test('thirty guests of one person at once, on three servers: as many as the limit join, and the other invites stay open', async () => {
    const maker = callerWith('1001');
    await people.signIn('1001');
    const refused = () => new AppError('conflict', 'There are too many.');
    const found: InviteTable[] = [];
    for (let at = 0; at < 3; at += 1) {
      const own = await people.newServer('1001');
      for (let count = 0; count < 10; count += 1)
        await invites.create(maker, own, { role: 'viewer', expiresInH: 24 }, 'https://buoy.example');
      found.push(...(await store.listOpen(own, '2026-03-01T10:00:00.000Z')));
    }
    const admit = (one: InviteTable, limit: GuestsLimit | null) =>
      database.db
        .transaction()
        .execute(
          store.admitting(
            one,
            newGuest({ name: 'Guest', invitedBy: '1001', createdAt: '2026-03-01T10:00:00.000Z' }),
            { notOpen: () => new AppError('not_found', 'It was used.'), limit },
          ),
        );
    const limit = { maxGuests: 20, full: refused };
    const settled = await Promise.allSettled(found.map((one) => admit(one, limit)));
    expect(outcomes(settled)).toEqual({ done: 20, refused: Array(10).fill('conflict') });
    const guests = () =>
      database.db.selectFrom('users').selectAll().where('invitedBy', '=', '1001').execute();
    expect(await guests()).toHaveLength(20);
    const open = found.filter((_, at) => settled[at]?.status === 'rejected');
    const [one = expect.unreachable(), other = expect.unreachable(), third = expect.unreachable()] = open;
    // Who is disabled makes room for one.
    await database.db
      .updateTable('users')
      .set({ disabledAt: '2026-03-01T10:00:00.000Z' })
      .where('id', '=', (await guests())[0]?.id ?? '')
      .execute();
    await admit(one, limit);
    await expect(admit(other, limit)).rejects.toMatchObject({ code: 'conflict' });
    await admit(third, null);
  });

  test('when the audit entry cannot be written, the invite stays unused and nobody joins', async () => {
    const { code } = await invite();
    const found = (
      await database.db.selectFrom('invites').selectAll().where('serverId', '=', serverId).execute()
    )[0];
    const fail = async () => {
      throw new Error('The audit log is full.');
    };
    const by = { userId: '77', held: null, now: '2026-03-01T10:00:00.000Z' };
    await expect(store.accept(found ?? expect.unreachable(), by, fail)).rejects.toThrow(
      'The audit log is full.',
    );
    expect(await people.rolesOn(serverId)).toEqual({ 1000: 'owner' });
    expect(await accept('78', code)).toBe(serverId);
  });
});
