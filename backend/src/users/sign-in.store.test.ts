// Single-use sign-in data on both databases, also under concurrency.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { UserTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId } from '../lib/ids.ts';
import { createSignInStore, type SignInStore } from './sign-in.store.ts';
import { userRow } from './testing/people.ts';

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
    store.insertLink({ codeHash, userId, createdAt: now, expiresAt, kept: 0 });

  test('a first-super-admin link creates that person', async () => {
    await link('code');
    const admin = person();
    expect(await store.redeemLink('code', now, admin)).toEqual(admin);
    expect(await people()).toEqual([{ id: admin.id }]);
  });

  test('a link works once', async () => {
    await link('code');
    await store.redeemLink('code', now, person());
    expect(await store.redeemLink('code', now, person())).toBeUndefined();
    expect(await people()).toHaveLength(1);
  });

  test('fifty people open one link at once: one signs in, and one person is created', async () => {
    await link('code');
    const entered = await Promise.all(
      Array.from({ length: 50 }, () => store.redeemLink('code', now, person())),
    );
    expect(entered.filter((user) => user !== undefined)).toHaveLength(1);
    expect(await people()).toHaveLength(1);
  });

  test('an expired or unknown link is refused', async () => {
    await link('old', null, now);
    expect(await store.redeemLink('old', now, person())).toBeUndefined();
    expect(await store.redeemLink('never made', now, person())).toBeUndefined();
    expect(await people()).toEqual([]);
  });

  test('a link for a known person signs that person in and creates nobody', async () => {
    await link('first');
    const known = await store.redeemLink('first', now, person());
    await link('second', known?.id);
    expect(await store.redeemLink('second', now, person())).toEqual(known);
    expect(await people()).toHaveLength(1);
  });

  test('a new first-super-admin link invalidates the earlier one', async () => {
    await link('printed first');
    await link('printed again');
    expect(await store.redeemLink('printed first', now, person())).toBeUndefined();
    expect(await store.redeemLink('printed again', now, person())).toBeDefined();
  });

  test('first-super-admin links and personal links do not invalidate each other', async () => {
    await link('first');
    const known = await store.redeemLink('first', now, person());
    await link('theirs', known?.id);
    await link('for an admin');
    expect(await store.redeemLink('theirs', now, person())).toEqual(known);
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
    const row = { createdAt: now, expiresAt: inAnHour };
    const made = await Promise.all([
      ...['a', 'b', 'c', 'd'].map((codeHash) =>
        store.insertLink({ ...row, codeHash, userId: 'ada', kept: 0 }),
      ),
      store.insertLink({ ...row, codeHash: 'kept by ada', userId: 'ada', kept: 1 }),
      store.insertLink({ ...row, codeHash: 'of bob', userId: 'bob', kept: 0 }),
    ]);
    expect(made).toHaveLength(6);
    const entered = await Promise.all(
      ['a', 'b', 'c', 'd'].map((codeHash) => store.redeemLink(codeHash, now, person())),
    );
    expect(entered.filter((user) => user !== undefined)).toEqual([ada]);
    expect(await store.findKeptLink('ada', now)).toMatchObject({ codeHash: 'kept by ada' });
    expect(await store.redeemLink('kept by ada', now, person())).toEqual(ada);
    expect(await store.findKeptLink('ada', now)).toBeUndefined();
    expect(await store.redeemLink('of bob', now, person())).toEqual(bob);
  });

  test('a person can revoke their own kept link', async () => {
    await database?.db.insertInto('users').values(person('ada')).execute();
    const link = { codeHash: 'kept', userId: 'ada', createdAt: now, expiresAt: inAnHour, kept: 1 };
    await store.insertLink(link);
    expect(await store.removeKeptLink('bob', now)).toBe(false);
    expect(await store.removeKeptLink('ada', now)).toBe(true);
    expect(await store.removeKeptLink('ada', now)).toBe(false);
    expect(await store.redeemLink('kept', now, person())).toBeUndefined();
  });

  test('a first-super-admin link is refused once people exist', async () => {
    await link('in the log');
    await database?.db.insertInto('users').values(person('42')).execute();
    expect(await store.redeemLink('in the log', now, person())).toBeUndefined();
    expect(await people()).toEqual([{ id: '42' }]);
  });

  test('a link stays unused when creating the person fails', async () => {
    await link('first');
    const broken = { ...person(), createdAt: null } as unknown as UserTable;
    await expect(store.redeemLink('first', now, broken)).rejects.toThrow();
    expect(await store.redeemLink('first', now, person())).toBeDefined();
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
