// A login that was begun may be finished once, in both databases.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createTelegramLoginStore, type TelegramLoginStore } from './telegram-login.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T10:10:00.000Z';

describe.each(testDatabases())('logins with Telegram on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: TelegramLoginStore;
  beforeEach(async () => {
    if (database === undefined) database = await open();
    await database.db.deleteFrom('telegramLogins').execute();
    store = createTelegramLoginStore(database.db);
  });
  afterAll(() => database?.close());

  test('of twenty parallel attempts to finish a login, one succeeds', async () => {
    await store.insert({ secretHash: 'a', expiresAt: later });
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.take('a', now)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('an expired or unknown login cannot be finished', async () => {
    await store.insert({ secretHash: 'old', expiresAt: now });
    expect(await store.take('old', now)).toBe(false);
    expect(await store.take('never begun', now)).toBe(false);
  });

  test('deletes expired logins', async () => {
    await store.insert({ secretHash: 'old', expiresAt: now });
    await store.insert({ secretHash: 'open', expiresAt: later });
    await store.forgetExpired(now);
    const rows = await database?.db.selectFrom('telegramLogins').select('secretHash').execute();
    expect(rows).toEqual([{ secretHash: 'open' }]);
  });
});
