// Passkeys in both databases, also when several calls want the same at the same moment.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { PasskeyTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId } from '../lib/ids.ts';
import { createPasskeyStore, type PasskeyStore } from './passkeys.store.ts';
import { userRow } from './testing/people.ts';

const now = '2026-03-01T10:00:00.000Z';

const passkeyRow = (changes: Partial<PasskeyTable> = {}): PasskeyTable => ({
  id: newId('pky'),
  userId: 'ada',
  name: 'Phone',
  credentialId: newId('pky'),
  publicKey: 'a2V5',
  counter: 0,
  transports: '[]',
  domain: 'localhost',
  origin: 'http://localhost',
  synced: 0,
  createdAt: now,
  lastUsedAt: null,
  ...changes,
});

describe.each(testDatabases())('passkeys on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: PasskeyStore;
  beforeEach(async () => {
    if (database === undefined) database = await open();
    await database.db.deleteFrom('users').execute();
    await database.db
      .insertInto('users')
      .values([userRow('ada'), userRow('bob')])
      .execute();
    store = createPasskeyStore(database.db);
  });
  afterAll(() => database?.close());
  const db = () => {
    if (database === undefined) throw new Error('The database is open while tests run.');
    return database.db;
  };

  test('ten passkeys added at once respect the limit of three', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.insert(passkeyRow(), 3)));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(7);
    expect(await store.list('ada')).toHaveLength(3);
  });

  test('refuses a credential of another person and skips the audit entry', async () => {
    const credentialId = 'the same';
    expect(await store.insert(passkeyRow({ credentialId }), 3)).toBe('stored');
    let written = 0;
    const also = async () => {
      written += 1;
    };
    expect(await store.insert(passkeyRow({ credentialId, userId: 'bob' }), 3, also)).toBe('known');
    expect(written).toBe(0);
    expect((await store.findByCredential(credentialId))?.userId).toBe('ada');
  });

  test('of two uses with the same counter, one is stored', async () => {
    const row = passkeyRow({ counter: 4 });
    await store.insert(row, 3);
    const use = () =>
      db()
        .transaction()
        .execute(store.using(row, { counter: 5, synced: 1, lastUsedAt: now }, () => new Error('copied')));
    const settled = await Promise.allSettled([use(), use()]);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store.list('ada')).toMatchObject([{ counter: 5, synced: 1, lastUsedAt: now }]);
  });

  test('keeps a 32-bit counter', async () => {
    await store.insert(passkeyRow({ counter: 4_294_967_295 }), 3);
    expect(await store.list('ada')).toMatchObject([{ counter: 4_294_967_295 }]);
  });

  test('a removed passkey cannot be used', async () => {
    const row = passkeyRow();
    await store.insert(row, 3);
    expect(await store.remove({ id: row.id, userId: 'bob' })).toBe(false);
    expect(await store.remove({ id: row.id, userId: 'ada' })).toBe(true);
    const use = store.using(row, { counter: 0, synced: 0, lastUsedAt: now }, () => new Error('gone'));
    await expect(db().transaction().execute(use)).rejects.toThrow('gone');
  });
});
