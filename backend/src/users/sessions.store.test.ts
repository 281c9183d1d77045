// Sessions on both databases: validity, sign-out, and concurrent renewal.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { SessionTable } from '../db/schema.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../db/storage-errors.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { newId, newSecret } from '../lib/ids.ts';
import { createSessionStore, type Renewal, type SessionStore } from './sessions.store.ts';
import { createUserStore } from './users.store.ts';

const before = '2026-03-01T09:59:59.999Z';
const now = '2026-03-01T10:00:00.000Z';
const after = '2026-03-01T10:00:00.001Z';
const expiresAt = '2026-03-31T10:00:00.000Z';

describe.each(testDatabases())('sessions on $name', ({ open }) => {
  let database: DatabaseHandle;
  let sessions: SessionStore;
  beforeAll(async () => {
    database = await open();
    sessions = createSessionStore(database.db);
  });
  afterAll(() => database.close());

  const newUser = async (): Promise<string> => {
    const id = newId('u');
    const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
    await createUserStore(database.db).upsert({ id, ...empty }, now);
    return id;
  };
  const newSession = async (changes: Partial<SessionTable> = {}): Promise<SessionTable> => {
    const session: SessionTable = {
      id: newId('ses'),
      userId: changes.userId ?? (await newUser()),
      kind: 'telegram',
      refreshHash: 'first hash',
      familyHash: null,
      ip: '203.0.113.9',
      userAgent: 'Mozilla/5.0 (🦞; "quoted")',
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      revokedAt: null,
      ...changes,
    };
    await sessions.insert(session);
    return session;
  };

  test('finds a session with its person', async () => {
    const session = await newSession();
    expect(await sessions.findLive(session.id, now)).toMatchObject({
      session,
      user: { id: session.userId },
    });
  });

  test('tells current from replaced refresh secrets of a live session', async () => {
    const { id } = await newSession({ refreshHash: `first of ${newId('ses')}` });
    const other = await newSession({ refreshHash: `other of ${id}` });
    const first = (await sessions.findLive(id, now))?.session.refreshHash ?? '';
    const renewed = { refreshHash: `second of ${id}`, familyHash: `of ${id}`, lastUsedAt: now, expiresAt };
    await sessions.renew({
      sessionId: id,
      secretHash: first,
      familyHash: null,
      attemptKeyHash: null,
      renewed,
      retryFrom: before,
      takeRetry: () => true,
    });
    const owner = (await sessions.findLive(id, now))?.user.id;
    const personWith = (sessionId: string, secretHash: string, familyHash: string | null = null, at = now) =>
      sessions.personWithSecret(sessionId, { secretHash, familyHash }, at);
    const replaced = { userId: owner, sessionId: id, isCurrent: false };
    expect(await personWith(id, renewed.refreshHash)).toEqual({ ...replaced, isCurrent: true });
    expect(await personWith(id, renewed.refreshHash, renewed.familyHash)).toMatchObject({ isCurrent: true });
    expect(await personWith(id, first)).toEqual(replaced);
    for (const hash of ['made up', other.refreshHash]) expect(await personWith(id, hash)).toBeNull();
    expect(await personWith(id, 'forgotten', renewed.familyHash)).toEqual(replaced);
    expect(await personWith(id, 'made up', 'of another')).toBeNull();
    expect(await personWith(other.id, 'made up', renewed.familyHash)).toBeNull();
    expect(await personWith(other.id, first)).toBeNull();
    expect(await personWith('ses_none', first)).toBeNull();
    expect(await personWith(id, first, null, expiresAt)).toBeNull();
  });

  test('a session is valid until its expiry, exclusive', async () => {
    const { id } = await newSession({ expiresAt: now });
    expect(await sessions.findLive(id, before)).toBeDefined();
    expect(await sessions.findLive(id, now)).toBeUndefined();
    expect(await sessions.findLive(id, after)).toBeUndefined();
  });

  test("the 501st session of a person removes the least recently used one, and no other person's", async () => {
    const other = await newSession({ lastUsedAt: before });
    const userId = await newUser();
    const oldest = await newSession({ userId, lastUsedAt: before });
    for (let count = 0; count < 499; count += 1) await newSession({ userId });
    expect(await sessions.findLive(oldest.id, now)).toBeDefined();
    const newest = await newSession({ userId });
    expect(await sessions.findLive(oldest.id, now)).toBeUndefined();
    expect(await sessions.findLive(newest.id, now)).toBeDefined();
    expect(await sessions.listLive(userId, now)).toHaveLength(500);
    expect(await sessions.findLive(other.id, now)).toBeDefined();
  });

  test('a signed-out session is invalid at once, even for an earlier clock', async () => {
    const { id, userId } = await newSession();
    expect(await sessions.revoke(id, userId, now)).toBe(true);
    expect(await sessions.findLive(id, now)).toBeUndefined();
    expect(await sessions.findLive(id, before)).toBeUndefined();
    expect(await sessions.listLive(userId, now)).toEqual([]);
  });

  test('sign-out works only for the own session and only once', async () => {
    const { id, userId } = await newSession();
    expect(await sessions.revoke(id, await newUser(), now)).toBe(false);
    expect(await sessions.findLive(id, now)).toBeDefined();
    expect(await sessions.revoke(id, userId, now)).toBe(true);
    expect(await sessions.revoke(id, userId, now)).toBe(false);
  });

  test('an expired or unknown session cannot be signed out', async () => {
    const { id, userId } = await newSession({ expiresAt: before });
    expect(await sessions.revoke(id, userId, now)).toBe(false);
    expect(await sessions.revoke('ses_none', userId, now)).toBe(false);
  });

  test('of twenty parallel sign-outs of a session, one succeeds', async () => {
    const { id, userId } = await newSession();
    const done = await Promise.all(Array.from({ length: 20 }, () => sessions.revoke(id, userId, now)));
    expect(done.filter(Boolean)).toHaveLength(1);
  });

  test("lists only the person's live sessions, last used first", async () => {
    const userId = await newUser();
    const older = await newSession({ userId, lastUsedAt: before });
    const newer = await newSession({ userId, lastUsedAt: after });
    const revoked = await newSession({ userId, revokedAt: now });
    const expired = await newSession({ userId, expiresAt: before });
    await newSession();
    const listed = (await sessions.listLive(userId, now)).map((session) => session.id);
    expect(listed).toEqual([newer.id, older.id]);
    expect(listed).not.toContain(revoked.id);
    expect(listed).not.toContain(expired.id);
  });

  test('using a session updates only lastUsedAt', async () => {
    const session = await newSession();
    await sessions.touch(session.id, after);
    const found = await sessions.findLive(session.id, now);
    expect(found?.session).toEqual({ ...session, lastUsedAt: after });
  });

  const renewal = (sessionId: string, secretHash: string, refreshHash: string, more: Partial<Renewal> = {}) =>
    sessions.renew({
      ...{ sessionId, secretHash, familyHash: null, attemptKeyHash: null, retryFrom: now },
      renewed: { refreshHash, familyHash: null, lastUsedAt: after, expiresAt },
      takeRetry: () => true,
      ...more,
    });
  const storedHash = async (id: string) => (await sessions.findLive(id, now))?.session.refreshHash;

  const replacedOf = (sessionId: string) =>
    database.db
      .selectFrom('rotatedRefreshSecrets')
      .select('generation')
      .where('sessionId', '=', sessionId)
      .execute();
  const addReplaced = async (
    sessionId: string,
    count: number,
    generationOf = (index: number): number => index + 1,
  ) => {
    const rows = Array.from({ length: count }, (_, index) => ({
      ...{ secretHash: newSecret(), sessionId, generation: generationOf(index) },
      ...{ attemptKeyHash: null, voided: 0, rotatedAt: now },
    }));
    await database.db.insertInto('rotatedRefreshSecrets').values(rows).execute();
  };

  test('twenty tabs renewing with the same secret: one succeeds, and the session ends', async () => {
    const { id } = await newSession({ refreshHash: 'old' });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => renewal(id, 'old', `new ${index}`)),
    );
    expect(outcomes.filter((one) => one === 'renewed')).toHaveLength(1);
    expect(outcomes.filter((one) => one === 'reused')).toHaveLength(19);
    expect(await storedHash(id)).toBeUndefined();
  });

  test('twenty retries of one renewal: each gets a new secret, and the last one is stored', async () => {
    const { id } = await newSession({ refreshHash: newSecret() });
    const old = (await storedHash(id)) ?? '';
    const made = Array.from({ length: 20 }, () => newSecret());
    const outcomes = await Promise.all(made.map((hash) => renewal(id, old, hash, { attemptKeyHash: 'tab' })));
    expect(outcomes).toEqual(Array(20).fill('renewed'));
    expect(made).toContain(await storedHash(id));
  });

  test('200 retries of one renewal leave fewer than 50 replaced secrets, and the session goes on', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret(), familyHash: 'family' });
    const retry = (secret: string) =>
      renewal(id, refreshHash, secret, { attemptKeyHash: 'tab', familyHash: 'family' });
    const made = Array.from({ length: 201 }, () => newSecret());
    const outcomes = await Promise.all(made.map(retry));
    const renewed = outcomes.filter((outcome) => outcome === 'renewed').length;
    expect(renewed).toBeGreaterThanOrEqual(20);
    expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(201 - renewed);
    expect((await replacedOf(id)).length).toBeLessThan(50);
    const current = (await storedHash(id)) ?? '';
    expect(made).toContain(current);
    expect(await renewal(id, current, newSecret())).toBe('renewed');
  });

  test('a renewal may be retried twice when its person has no more retries', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    const retry = () =>
      renewal(id, refreshHash, newSecret(), { attemptKeyHash: 'tab', takeRetry: () => false });
    const outcomes: string[] = [];
    for (let count = 0; count < 5; count += 1) outcomes.push(await retry());
    expect(outcomes).toEqual(['renewed', 'renewed', 'renewed', 'unknown', 'unknown']);
    expect(await storedHash(id)).toBeDefined();
  });

  test('a used secret in another browser ends the session, whatever retries are left', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    for (let count = 0; count < 25; count += 1)
      await renewal(id, refreshHash, newSecret(), { attemptKeyHash: 'tab' });
    const elsewhere = { attemptKeyHash: 'other tab', takeRetry: () => false };
    expect(await renewal(id, refreshHash, newSecret(), elsewhere)).toBe('reused');
    expect(await storedHash(id)).toBeUndefined();
  });

  test('an unknown secret neither renews nor ends the session', async () => {
    const session = await newSession({ refreshHash: newSecret() });
    const other = await newSession({ refreshHash: newSecret() });
    expect(await renewal(other.id, other.refreshHash, newSecret())).toBe('renewed');
    for (const hash of ['a guess', other.refreshHash])
      expect(await renewal(session.id, hash, 'x')).toBe('unknown');
    expect((await sessions.findLive(session.id, now))?.session).toEqual(session);
  });

  test('a secret that was forgotten ends the session of its family, and no other one', async () => {
    const session = await newSession({ refreshHash: newSecret(), familyHash: 'family' });
    const other = await newSession({ refreshHash: newSecret(), familyHash: 'other family' });
    const bring = (sessionId: string, familyHash: string | null) =>
      renewal(sessionId, 'forgotten', newSecret(), { familyHash });
    expect(await bring(session.id, 'other family')).toBe('unknown');
    expect(await bring(session.id, null)).toBe('unknown');
    expect(await storedHash(session.id)).toBe(session.refreshHash);
    expect(await bring(session.id, 'family')).toBe('reused');
    expect(await bring(session.id, 'family')).toBe('unknown');
    expect(await storedHash(session.id)).toBeUndefined();
    expect(await storedHash(other.id)).toBe(other.refreshHash);
  });

  test('a session without a family gets one by its next renewal', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    await sessions.renew({
      ...{ sessionId: id, secretHash: refreshHash, familyHash: null, attemptKeyHash: null, retryFrom: now },
      renewed: { refreshHash: newSecret(), familyHash: 'new family', lastUsedAt: after, expiresAt },
      takeRetry: () => true,
    });
    expect((await sessions.findLive(id, now))?.session.familyHash).toBe('new family');
  });

  test('a renewal and its refusal each write only their own audit entry', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    const written: string[] = [];
    const renew = (secretHash: string) =>
      sessions.renew(
        {
          ...{ sessionId: id, secretHash, familyHash: null, attemptKeyHash: null, retryFrom: now },
          renewed: { refreshHash: newSecret(), familyHash: null, lastUsedAt: after, expiresAt },
          takeRetry: () => true,
        },
        async () => void written.push('renewed'),
        async () => void written.push('reused'),
      );
    await renew(refreshHash);
    await renew('a guess');
    await renew(refreshHash);
    expect(written).toEqual(['renewed', 'reused']);
  });

  test('deletes replaced secrets with ended sessions', async () => {
    const userId = await newUser();
    const over = await newSession({ userId, refreshHash: newSecret() });
    const live = await newSession({ userId, refreshHash: newSecret() });
    await renewal(over.id, over.refreshHash, newSecret());
    await sessions.revoke(over.id, userId, now);
    await renewal(live.id, live.refreshHash, newSecret());
    expect(await replacedOf(over.id)).toEqual([]);
    expect(await replacedOf(live.id)).toHaveLength(1);
  });

  test('one renewal deletes at most 200 replaced secrets of ended sessions; later ones delete the rest', async () => {
    const userId = await newUser();
    const over = await newSession({ userId, refreshHash: newSecret() });
    const live = await newSession({ userId, refreshHash: newSecret() });
    await addReplaced(over.id, 500);
    await sessions.revoke(over.id, userId, now);
    const left: number[] = [];
    for (let renewals = 0, hash = live.refreshHash; renewals < 3; renewals += 1) {
      const next = newSecret();
      await renewal(live.id, hash, next);
      hash = next;
      left.push((await replacedOf(over.id)).length);
    }
    expect(left).toEqual([300, 100, 0]);
    expect(await replacedOf(live.id)).toHaveLength(3);
  });

  test('keeps the newest 40 replaced secrets of a session', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    const hashes = [refreshHash, ...Array.from({ length: 60 }, () => newSecret())];
    for (const [index, hash] of hashes.slice(1).entries()) await renewal(id, hashes[index] ?? '', hash);
    const generations = (await replacedOf(id)).map(({ generation }) => generation);
    expect(generations.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 21),
    );
  });

  test('deletes older ones at most 200 at a time, however many share a generation', async () => {
    const { id, refreshHash } = await newSession({ refreshHash: newSecret() });
    await addReplaced(id, 500, () => 1);
    const left: number[] = [];
    for (let renewals = 0, hash = refreshHash; renewals < 3; renewals += 1) {
      const next = newSecret();
      await renewal(id, hash, next);
      hash = next;
      left.push((await replacedOf(id)).length);
    }
    expect(left).toEqual([301, 102, 40]);
  });

  test('a session beyond the 500th ends at once; its replaced secrets go 200 at a time, and then the session', async () => {
    const userId = await newUser();
    const oldest = await newSession({ userId, lastUsedAt: before });
    const others = Array.from({ length: 499 }, () => ({ ...oldest, id: newId('ses'), lastUsedAt: now }));
    await database.db.insertInto('sessions').values(others).execute();
    await addReplaced(oldest.id, 500);
    const stored = () =>
      database.db.selectFrom('sessions').select('revokedAt').where('id', '=', oldest.id).executeTakeFirst();
    const left: number[] = [];
    for (let signIns = 0; signIns < 3; signIns += 1) {
      await newSession({ userId });
      expect(await sessions.findLive(oldest.id, now)).toBeUndefined();
      left.push((await replacedOf(oldest.id)).length);
      if (signIns < 2) expect(await stored()).toEqual({ revokedAt: now });
    }
    expect(left).toEqual([300, 100, 0]);
    expect(await stored()).toBeUndefined();
    expect(await sessions.listLive(userId, now)).toHaveLength(500);
  });

  test('refuses a session without a person and a duplicate id', async () => {
    const orphan = await newSession({ userId: 'u_nobody' }).catch((error: unknown) => error);
    expect(isForeignKeyViolation(orphan)).toBe(true);
    const { id } = await newSession();
    const twice = await newSession({ id }).catch((error: unknown) => error);
    expect(isUniqueViolation(twice)).toBe(true);
  });

  test('deleting a person deletes their sessions', async () => {
    const { id, userId } = await newSession();
    await database.db.deleteFrom('users').where('id', '=', userId).execute();
    expect(await sessions.findLive(id, now)).toBeUndefined();
    const left = await database.db.selectFrom('sessions').select('id').where('id', '=', id).execute();
    expect(left).toEqual([]);
  });
});
