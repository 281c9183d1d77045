// API tokens on both databases: owner, lifetime and limit per person, also under concurrency.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { ApiTokenTable } from '../db/schema.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../db/storage-errors.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import { type ApiTokenStore, createApiTokenStore } from './api-tokens.store.ts';
import { createUserStore } from './users.store.ts';

const before = '2026-03-01T09:59:59.999Z';
const now = '2026-03-01T10:00:00.000Z';
const after = '2026-03-01T10:00:00.001Z';

describe.each(testDatabases())('API tokens on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: ApiTokenStore;
  beforeAll(async () => {
    database = await open();
    store = createApiTokenStore(database.db);
  });
  afterAll(() => database.close());

  const newUser = async (): Promise<string> => {
    const id = newId('u');
    const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
    await createUserStore(database.db).upsert({ id, ...empty }, now);
    return id;
  };
  const tokenOf = (userId: string, changes: Partial<ApiTokenTable> = {}): ApiTokenTable => ({
    id: newId('tok'),
    userId,
    name: 'CI 🦞 "quoted"',
    scopes: '["read","operate"]',
    secretHash: sha256(newSecret()),
    createdAt: now,
    lastUsedAt: null,
    expiresAt: null,
    ...changes,
  });
  const stored = async (changes: Partial<ApiTokenTable> = {}): Promise<ApiTokenTable> => {
    const token = tokenOf(changes.userId ?? (await newUser()), changes);
    expect(await store.insert(token, 50)).toBe(true);
    return token;
  };

  test("finds a token and its person by the secret's hash, even when expired", async () => {
    for (const expiresAt of [null, before]) {
      const token = await stored({ expiresAt });
      expect(await store.findBySecret(token.secretHash)).toMatchObject({ token, user: { id: token.userId } });
    }
    expect(await store.findBySecret(sha256('made up'))).toBeUndefined();
  });

  test('a hundred expired tokens of a person stay listed; the older ones go when another is made', async () => {
    const userId = await newUser();
    const minute = (index: number) =>
      new Date(Date.parse('2026-02-01T00:00:00Z') + index * 60_000).toISOString();
    for (let index = 0; index < 130; index += 1)
      await stored({ userId, name: `t${index}`, expiresAt: minute(index) });
    const other = await stored({ expiresAt: before });
    await stored({ userId, name: 'new' });
    const names = (await store.list(userId)).map(({ name }) => name);
    expect(names).toHaveLength(101);
    expect(names).toContain('t129');
    expect(names).not.toContain('t29');
    expect(await store.findBySecret(other.secretHash)).toBeDefined();
  });

  const isLive = async (id: string, at: string) => (await store.findPerson(id, at)) !== undefined;

  test('a token is valid until its expiry, exclusive', async () => {
    const { id } = await stored({ expiresAt: now });
    expect([await isLive(id, before), await isLive(id, now)]).toEqual([true, false]);
    const endless = await stored();
    expect(await isLive(endless.id, '9999-12-31T23:59:59.999Z')).toBe(true);
    expect(await isLive('tok_none', now)).toBe(false);
  });

  test("limits a person's live tokens; expired ones and other people's do not count", async () => {
    const userId = await newUser();
    await stored();
    await stored({ userId, expiresAt: now });
    const live = tokenOf(userId);
    for (const token of [live, tokenOf(userId), tokenOf(userId)])
      expect(await store.insert(token, 3)).toBe(true);
    expect(await store.insert(tokenOf(userId), 3)).toBe(false);
    await store.remove(live.id, userId);
    expect(await store.insert(tokenOf(userId), 3)).toBe(true);
  });

  test('thirty tokens made at once: only the allowed number is stored, each with its hook', async () => {
    const userId = await newUser();
    let written = 0;
    const made = await Promise.all(
      Array.from({ length: 30 }, () =>
        store.insert(tokenOf(userId), 5, async () => {
          written += 1;
        }),
      ),
    );
    expect(made.filter(Boolean)).toHaveLength(5);
    expect(await store.list(userId)).toHaveLength(5);
    expect(written).toBe(5);
  });

  test('a failing hook rolls back the creation or removal of a token', async () => {
    const userId = await newUser();
    const fails = async () => {
      throw new Error('no room for the audit entry');
    };
    await expect(store.insert(tokenOf(userId), 5, fails)).rejects.toThrow('no room');
    expect(await store.list(userId)).toEqual([]);
    const { id } = await stored({ userId });
    await expect(store.remove(id, userId, fails)).rejects.toThrow('no room');
    expect(await isLive(id, now)).toBe(true);
  });

  test("lists only the person's tokens, newest first", async () => {
    const userId = await newUser();
    const older = await stored({ userId, createdAt: before });
    const newer = await stored({ userId, createdAt: after });
    await stored();
    expect(await store.list(userId)).toEqual([newer, older]);
    expect(await store.list(await newUser())).toEqual([]);
  });

  test('a token is visible and removable for its person only, and one of twenty parallel removals succeeds', async () => {
    const { id, userId } = await stored();
    const stranger = await newUser();
    expect(await store.find(id, stranger)).toBeUndefined();
    expect(await store.remove(id, stranger)).toBe(false);
    expect((await store.find(id, userId))?.id).toBe(id);
    const removed = await Promise.all(Array.from({ length: 20 }, () => store.remove(id, userId)));
    expect(removed.filter(Boolean)).toHaveLength(1);
    expect(await isLive(id, now)).toBe(false);
  });

  test('lastUsedAt only moves forward, and nothing else changes', async () => {
    const token = await stored();
    await Promise.all([
      store.touch(token.id, after),
      store.touch(token.id, now),
      store.touch(token.id, before),
    ]);
    await store.touch(token.id, now);
    expect(await store.find(token.id, token.userId)).toEqual({ ...token, lastUsedAt: after });
  });

  test('deletes tokens expired before a time and keeps those without expiry', async () => {
    const userId = await newUser();
    const gone = await stored({ userId, expiresAt: before });
    const kept = [await stored({ userId, expiresAt: now }), await stored({ userId })];
    await store.forgetExpired(now);
    const ids = (await store.list(userId)).map(({ id }) => id);
    expect(ids.sort()).toEqual(kept.map(({ id }) => id).sort());
    expect(ids).not.toContain(gone.id);
  });

  test('refuses a token without a person and a duplicate secret', async () => {
    const orphan = await store.insert(tokenOf('u_nobody'), 50).catch((error: unknown) => error);
    expect(isForeignKeyViolation(orphan)).toBe(true);
    const { secretHash, userId } = await stored();
    const twice = await store.insert(tokenOf(userId, { secretHash }), 50).catch((error: unknown) => error);
    expect(isUniqueViolation(twice)).toBe(true);
  });

  test('deleting a person deletes their tokens', async () => {
    const { id, userId, secretHash } = await stored();
    await database.db.deleteFrom('users').where('id', '=', userId).execute();
    expect(await isLive(id, now)).toBe(false);
    expect(await store.findBySecret(secretHash)).toBeUndefined();
  });
});
