// People on both databases: one row per person across sign-ins.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { createSessionStore } from './sessions.store.ts';
import { userRow } from './testing/people.ts';
import { createUserStore, type UserProfile, type UserStore } from './users.store.ts';

const firstTime = '2026-03-01T10:00:00.000Z';
const later = '2026-03-02T10:00:00.000Z';

const profile = (id: string, changes: Partial<UserProfile> = {}): UserProfile => ({
  id,
  username: 'ada',
  firstName: 'Ada',
  lastName: 'Lovelace',
  photoUrl: 'https://t.me/i/userpic/320/ada.jpg',
  languageCode: 'en',
  ...changes,
});

describe.each(testDatabases())('people on $name', ({ open }) => {
  let database: DatabaseHandle;
  let users: UserStore;
  beforeAll(async () => {
    database = await open();
    users = createUserStore(database.db);
  });
  afterAll(() => database.close());

  test('is empty at first', async () => {
    expect(await users.isEmpty()).toBe(true);
    expect(await users.find('1')).toBeUndefined();
  });

  test('stores and returns a person unchanged', async () => {
    const written = await users.upsert(profile('1'), firstTime);
    expect(written).toEqual(userRow('1', { ...profile('1'), createdAt: firstTime }));
    expect(await users.find('1')).toEqual(written);
    expect(await users.isEmpty()).toBe(false);
  });

  test('signing in again updates the profile and keeps createdAt', async () => {
    await users.upsert(profile('2'), firstTime);
    const renamed = profile('2', { username: null, firstName: 'Ada 🦞', lastName: null });
    expect(await users.upsert(renamed, later)).toMatchObject({ ...renamed, createdAt: firstTime });
    expect(await users.find('2')).toMatchObject({ ...renamed, createdAt: firstTime });
  });

  test('signing in again keeps super-admin rights', async () => {
    await database.db
      .insertInto('users')
      .values(userRow('u_admin', { isSuperAdmin: 1, createdAt: firstTime }))
      .execute();
    expect((await users.upsert(profile('u_admin', { firstName: 'A.' }), later)).isSuperAdmin).toBe(1);
  });

  test.each([
    ['quotes', `Robert'); DROP TABLE users;-- "x" \`y\``],
    ['other scripts', 'Ünïcödé Жанна 王小明 عربى'],
    ['emoji of several code points', '👩‍👩‍👧‍👦🏳️‍🌈🦞'],
    ['backslashes, percent signs and line breaks', 'a\\b %s $1 ?\n\t'],
  ])('a name with %s is stored unchanged', async (_what, firstName) => {
    await users.upsert(profile('3', { firstName }), firstTime);
    expect((await users.find('3'))?.firstName).toBe(firstName);
  });

  test('thirty parallel first sign-ins of one person create one person', async () => {
    const written = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        users.upsert(profile('4', { lastName: `${index}` }), firstTime),
      ),
    );
    expect(written.every((row) => row.id === '4')).toBe(true);
    const { count } = await database.db
      .selectFrom('users')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('id', '=', '4')
      .executeTakeFirstOrThrow();
    expect(count).toBe(1);
  });
});

describe.each(testDatabases())('list of people on $name', ({ open }) => {
  let database: DatabaseHandle;
  let users: UserStore;
  beforeAll(async () => {
    database = await open();
    users = createUserStore(database.db);
  });
  afterAll(() => database.close());

  const session = (id: string, userId: string, lastUsedAt: string, revokedAt: string | null = null) =>
    createSessionStore(database.db).insert({
      id,
      userId,
      kind: 'link',
      refreshHash: 'hash',
      familyHash: null,
      ip: null,
      userAgent: null,
      createdAt: firstTime,
      lastUsedAt,
      expiresAt: later,
      revokedAt,
    });
  const apiToken = (id: string, userId: string, lastUsedAt: string | null) =>
    database.db
      .insertInto('apiTokens')
      .values({
        id,
        userId,
        name: id,
        scopes: '["read"]',
        secretHash: id,
        createdAt: firstTime,
        lastUsedAt,
        expiresAt: null,
      })
      .execute();

  test('is empty at first', async () => {
    expect(await users.page({ limit: 10 })).toEqual({ users: [], nextCursor: null });
  });

  test('is paged newest first without repetition, even with equal timestamps', async () => {
    for (const [id, at] of [
      ['a', firstTime],
      ['b', later],
      ['c', firstTime],
      ['d', firstTime],
      ['e', later],
    ] as const)
      await users.upsert(profile(id), at);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await users.page({ limit: 2, cursor });
      expect(page.users.length).toBeLessThanOrEqual(2);
      seen.push(...page.users.map((user) => user.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['e', 'b', 'd', 'c', 'a']);
  });

  test('has the latest use of a session or token and the number of servers', async () => {
    await session('ses_1', 'a', '2026-03-01T11:00:00.000Z');
    await session('ses_2', 'a', '2026-03-01T12:00:00.000Z', later);
    await apiToken('tok_1', 'a', '2026-03-01T11:30:00.000Z');
    await session('ses_3', 'b', '2026-03-01T11:00:00.000Z');
    await apiToken('tok_2', 'b', '2026-03-03T11:00:00.000Z');
    await apiToken('tok_3', 'c', '2026-03-04T11:00:00.000Z');
    await apiToken('tok_4', 'd', null);
    const servers = createServerStore(database.db);
    for (const id of ['srv_1', 'srv_2']) await servers.insert(serverRow(id, { createdBy: 'a' }));
    const grant = { userId: 'b', role: 'viewer', grantedBy: 'a', createdAt: firstTime };
    await database.db
      .insertInto('grants')
      .values({ ...grant, serverId: 'srv_1' })
      .execute();
    const { users: all } = await users.page({ limit: 10 });
    const shown = Object.fromEntries(all.map(({ id, ...user }) => [id, [user.lastSeenAt, user.servers]]));
    expect(shown).toEqual({
      a: ['2026-03-01T12:00:00.000Z', 2],
      b: ['2026-03-03T11:00:00.000Z', 1],
      c: ['2026-03-04T11:00:00.000Z', 0],
      d: [null, 0],
      e: [null, 0],
    });
    expect(all[0]).toEqual({
      ...userRow('e', { ...profile('e'), createdAt: later }),
      lastSeenAt: null,
      servers: 0,
    });
  });

  test.each(['nonsense', '', 'bm9uZQ', Buffer.from('["2026",1]').toString('base64url')])(
    'refuses the made-up cursor "%s"',
    async (cursor) => {
      await expect(users.page({ limit: 10, cursor })).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  test('leaves turns of the event loop to others while all people are searched', async () => {
    const people = Array.from({ length: 1_500 }, (_, index) => userRow(`u${index}`, profile(`u${index}`)));
    for (let from = 0; from < people.length; from += 100)
      await database.db
        .insertInto('users')
        .values(people.slice(from, from + 100))
        .execute();
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    expect((await users.page({ limit: 10 }, () => false)).users).toEqual([]);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(1_500 / 201 - 1);
  });
});
