// Single-use sign-in data on both databases, also under concurrency.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { UserTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId } from '../lib/ids.ts';
import { createSignInStore, type SignInStore } from './sign-in.store.ts';
import { sessionRow, userRow } from './testing/people.ts';

const now = '2026-03-01T10:00:00.000Z';
const inAnHour = '2026-03-01T11:00:00.000Z';
const earlier = '2026-03-01T09:00:00.000Z';

const person = (id = newId('u')): UserTable =>
  userRow(id, { firstName: 'Admin', isSuperAdmin: 1, createdAt: now });

describe.each(testDatabases())('sign-in on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: SignInStore;
  beforeEach(async () => {
    if (database === undefined) database = await open();
    await database.db.deleteFrom('signInLinks').execute();
    await database.db.deleteFrom('users').execute();
    await database.db.deleteFrom('initDataUses').execute();
    store = createSignInStore(database.db);
  });
  afterAll(() => database?.close());

  const people = async () => (await database?.db.selectFrom('users').select('id').execute()) ?? [];
  const link = (codeHash: string, userId: string | null = null, expiresAt = inAnHour) =>
    store.insertLink({ codeHash, userId, createdAt: now, expiresAt, kept: 0, madeBySession: null });
  const redeem = (codeHash: string, firstAdmin = person()) =>
    store.redeemLink(codeHash, now, { firstAdmin, isSuperAdmin: (row) => row.isSuperAdmin === 1 });

  test('a first-super-admin link creates that person', async () => {
    await link('code');
    const admin = person();
    expect(await redeem('code', admin)).toEqual(admin);
    expect(await people()).toEqual([{ id: admin.id }]);
  });

  test('a link works once', async () => {
    await link('code');
    await redeem('code');
    expect(await redeem('code')).toBeUndefined();
    expect(await people()).toHaveLength(1);
  });

  test('fifty people open one link at once: one signs in, and one person is created', async () => {
    await link('code');
    const entered = await Promise.all(Array.from({ length: 50 }, () => redeem('code')));
    expect(entered.filter((user) => user !== undefined)).toHaveLength(1);
    expect(await people()).toHaveLength(1);
  });

  test('an expired or unknown link is refused', async () => {
    await link('old', null, now);
    expect(await redeem('old')).toBeUndefined();
    expect(await redeem('never made')).toBeUndefined();
    expect(await people()).toEqual([]);
  });

  test('a link for a known person signs that person in and creates nobody', async () => {
    await link('first');
    const known = await redeem('first');
    await link('second', known?.id);
    expect(await redeem('second')).toEqual(known);
    expect(await people()).toHaveLength(1);
  });

  test('a new first-super-admin link invalidates the earlier one', async () => {
    await link('printed first');
    await link('printed again');
    expect(await redeem('printed first')).toBeUndefined();
    expect(await redeem('printed again')).toBeDefined();
  });

  test('first-super-admin links and personal links do not invalidate each other', async () => {
    await link('first');
    const known = await redeem('first');
    await link('theirs', known?.id);
    await link('for an admin');
    expect(await redeem('theirs')).toEqual(known);
    const open = await database?.db
      .selectFrom('signInLinks')
      .where('usedAt', 'is', null)
      .selectAll()
      .execute();
    expect(open).toMatchObject([{ codeHash: 'for an admin' }]);
  });

  test('a new link for a person invalidates only their earlier link of the same kind', async () => {
    const [ada, bob] = [person('ada'), person('bob')];
    await database?.db.insertInto('users').values([ada, bob]).execute();
    const row = { createdAt: now, expiresAt: inAnHour, madeBySession: null };
    const made = await Promise.all([
      ...['a', 'b', 'c', 'd'].map((codeHash) =>
        store.insertLink({ ...row, codeHash, userId: 'ada', kept: 0 }),
      ),
      store.insertLink({ ...row, codeHash: 'kept by ada', userId: 'ada', kept: 1 }),
      store.insertLink({ ...row, codeHash: 'of bob', userId: 'bob', kept: 0 }),
    ]);
    expect(made).toHaveLength(6);
    const entered = await Promise.all(['a', 'b', 'c', 'd'].map((codeHash) => redeem(codeHash)));
    expect(entered.filter((user) => user !== undefined)).toEqual([ada]);
    expect(await store.findKeptLink('ada', now)).toMatchObject({ codeHash: 'kept by ada' });
    expect(await redeem('kept by ada')).toEqual(ada);
    expect(await store.findKeptLink('ada', now)).toBeUndefined();
    expect(await redeem('of bob')).toEqual(bob);
  });

  test('a person can revoke their own kept link', async () => {
    await database?.db.insertInto('users').values(person('ada')).execute();
    const link = { codeHash: 'kept', userId: 'ada', createdAt: now, expiresAt: inAnHour, kept: 1 };
    await store.insertLink({ ...link, madeBySession: null });
    expect(await store.removeKeptLink('bob', now)).toBe(false);
    expect(await store.removeKeptLink('ada', now)).toBe(true);
    expect(await store.removeKeptLink('ada', now)).toBe(false);
    expect(await redeem('kept')).toBeUndefined();
  });

  test.each([
    ['while their session lives', {}, 1, true],
    ['not after it was revoked', { revokedAt: now }, 1, false],
    ['not after it has expired', { expiresAt: now }, 1, false],
    ['not when they are no super-admin any more', {}, 0, false],
  ])('a link that a super-admin made works %s', async (_, ended, isSuperAdmin, works) => {
    const [maker, ada] = [userRow('maker', { isSuperAdmin }), person('ada')];
    await database?.db.insertInto('users').values([maker, ada]).execute();
    await database?.db
      .insertInto('sessions')
      .values({ ...sessionRow('ses_maker', 'maker', now), ...ended })
      .execute();
    const link = { userId: 'ada', createdAt: now, expiresAt: inAnHour, kept: 0 };
    await store.insertLink({ ...link, codeHash: 'made', madeBySession: 'ses_maker' });
    expect(await redeem('made')).toEqual(works ? ada : undefined);
    await store.insertLink({ ...link, codeHash: 'forgotten', madeBySession: 'ses_forgotten' });
    expect(await redeem('forgotten')).toBeUndefined();
  });

  test('a first-super-admin link is refused once people exist', async () => {
    await link('in the log');
    await database?.db.insertInto('users').values(person('42')).execute();
    expect(await redeem('in the log')).toBeUndefined();
    expect(await people()).toEqual([{ id: '42' }]);
  });

  test('a link stays unused when creating the person fails', async () => {
    await link('first');
    const broken = { ...person(), createdAt: null } as unknown as UserTable;
    await expect(redeem('first', broken)).rejects.toThrow();
    expect(await redeem('first')).toBeDefined();
  });

  const use = (launchKeyHash: string | null, hash = 'initData') =>
    store.bindInitData({ hash, launchKeyHash, expiresAt: inAnHour }, now);

  test('initData works again only for the launch that used it first', async () => {
    expect(await use('launch')).toBe('first');
    expect(await use('launch')).toBe('again');
    expect(await use('another launch')).toBeNull();
    expect(await use(null)).toBeNull();
  });

  test('initData first used without a launch key works again only without one', async () => {
    expect(await use(null)).toBe('first');
    expect(await use(null)).toBe('again');
    expect(await use('launch')).toBeNull();
  });

  test('each initData is bound separately', async () => {
    expect(await use('launch')).toBe('first');
    expect(await use('another launch', 'another initData')).toBe('first');
  });

  test('of fifty launches with one initData at once, one signs in', async () => {
    const admitted = await Promise.all(Array.from({ length: 50 }, (_, index) => use(`launch ${index}`)));
    expect(admitted.filter(Boolean)).toHaveLength(1);
    expect(await use(`launch ${admitted.indexOf('first')}`)).toBe('again');
  });

  test('remembers a use of initData while it could still be fresh', async () => {
    await store.bindInitData({ hash: 'old', launchKeyHash: 'a', expiresAt: now }, earlier);
    const other = { hash: 'old', launchKeyHash: 'b', expiresAt: inAnHour };
    expect(await store.bindInitData(other, now)).toBeNull();
    await store.bindInitData({ hash: 'other', launchKeyHash: 'b', expiresAt: inAnHour }, inAnHour);
    const rows = await database?.db.selectFrom('initDataUses').select('hash').execute();
    expect(rows).toEqual([{ hash: 'other' }]);
  });
});
