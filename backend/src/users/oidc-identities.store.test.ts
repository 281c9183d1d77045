// People of an OpenID provider in both databases: one person for an identity, whoever comes at the same moment.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newPerson } from './new-person.ts';
import { createOidcIdentityStore, type OidcIdentityStore } from './oidc-identities.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const issuer = 'https://id.example';
const person = (name = 'Ada') => newPerson({ name, approvedAt: null, createdAt: at });

describe.each(testDatabases())('OpenID identities on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: OidcIdentityStore;
  beforeEach(async () => {
    if (database === undefined) database = await open();
    await database.db.deleteFrom('users').execute();
    store = createOidcIdentityStore(database.db);
  });
  afterAll(() => database?.close());

  test('twenty parallel first sign-ins of one identity create one person', async () => {
    const found = await Promise.all(
      Array.from({ length: 20 }, () => store.findOrInsert({ issuer, subject: 'ada' }, person())),
    );
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    expect(await database?.db.selectFrom('users').select('id').execute()).toEqual([{ id: found[0]?.id }]);
  });

  test('the same subject at another issuer is another person', async () => {
    const mine = await store.findOrInsert({ issuer, subject: 'ada' }, person());
    const theirs = await store.findOrInsert({ issuer: 'https://other.example', subject: 'ada' }, person());
    expect(theirs.id).not.toBe(mine.id);
  });

  test('a later sign-in updates only the name', async () => {
    const first = await store.findOrInsert({ issuer, subject: 'ada' }, person());
    await database?.db.updateTable('users').set({ approvedAt: at, displayName: 'Countess' }).execute();
    expect(await store.findOrInsert({ issuer, subject: 'ada' }, person('Ada King'))).toEqual({
      ...first,
      firstName: 'Ada King',
      approvedAt: at,
      displayName: 'Countess',
    });
  });
});
