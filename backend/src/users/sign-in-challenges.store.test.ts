// A challenge comes back once, for its purpose and its person, in both databases.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { type Challenge, type ChallengeStore, createChallengeStore } from './sign-in-challenges.store.ts';
import { userRow } from './testing/people.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T10:05:00.000Z';

describe.each(testDatabases())('sign-in challenges on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: ChallengeStore;
  beforeEach(async () => {
    if (database === undefined) database = await open();
    await database.db.deleteFrom('signInChallenges').execute();
    await database.db.deleteFrom('users').execute();
    await database.db.insertInto('users').values(userRow('ada')).execute();
    store = createChallengeStore(database.db);
  });
  afterAll(() => database?.close());

  const challenge = (changes: Partial<Challenge> = {}): Challenge => ({
    hash: 'a',
    purpose: 'passkey',
    userId: null,
    expiresAt: later,
    ...changes,
  });

  test('of twenty parallel takers of a challenge, one gets it', async () => {
    await store.insert(challenge(), now);
    const taken = await Promise.all(Array.from({ length: 20 }, () => store.take(challenge(), now)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('does not return a challenge of another purpose or person', async () => {
    await store.insert(challenge({ purpose: 'add passkey', userId: 'ada' }), now);
    expect(await store.take(challenge({ userId: 'ada' }), now)).toBe(false);
    expect(await store.take(challenge({ purpose: 'add passkey', userId: 'bob' }), now)).toBe(false);
    expect(await store.take(challenge({ purpose: 'add passkey' }), now)).toBe(false);
    expect(await store.take(challenge({ purpose: 'add passkey', userId: 'ada' }), now)).toBe(true);
  });

  test('does not return an expired challenge, and deletes it at the next store', async () => {
    await store.insert(challenge({ hash: 'old', expiresAt: now }), now);
    expect(await store.take(challenge({ hash: 'old' }), now)).toBe(false);
    await store.insert(challenge({ hash: 'open' }), now);
    const rows = await database?.db.selectFrom('signInChallenges').select('hash').execute();
    expect(rows).toEqual([{ hash: 'open' }]);
  });
});
