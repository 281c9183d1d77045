// Idempotency keys in both databases: of many first claims, one is the first.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createIdempotencyStore, type IdempotencyStore } from './idempotency.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const dayBefore = '2026-02-28T10:00:00.000Z';

describe.each(testDatabases())('idempotency keys on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: IdempotencyStore;
  beforeAll(async () => {
    database = await open();
    store = createIdempotencyStore(database.db);
  });
  afterAll(() => database.close());

  const claim = (key: string, userId = 'ada', createdAt = at, since = dayBefore) =>
    store.claim({ userId, key, requestHash: `hash of ${key}`, createdAt }, since);
  const complete = (key: string, response: string, userId = 'ada', personId = userId) =>
    store.complete(userId, key, { status: 201, response, personId });
  /** Keys of a person with their answers, the oldest first. */
  const keptFor = (personId: string) =>
    database.db
      .selectFrom('idempotencyKeys')
      .select(['key', 'response'])
      .where('personId', '=', personId)
      .orderBy('createdAt')
      .execute();
  const atSecond = (second: number) => new Date(Date.parse(at) + second * 1_000).toISOString();

  test('of fifty parallel claims of one key, one is the first', async () => {
    const claimed = await Promise.all(Array.from({ length: 50 }, () => claim('same')));
    expect(claimed.filter(Boolean)).toHaveLength(1);
  });

  test('keys of different people are separate', async () => {
    expect(await claim('shared', 'ada')).toBe(true);
    expect(await claim('shared', 'grace')).toBe(true);
    expect(await claim('shared', '')).toBe(true);
    expect(await claim('shared', 'ada')).toBe(false);
  });

  test('a claimed key has no answer until it is completed', async () => {
    await claim('work');
    expect(await store.find('ada', 'work')).toEqual({
      userId: 'ada',
      key: 'work',
      requestHash: 'hash of work',
      status: null,
      response: null,
      createdAt: at,
      personId: 'ada',
      bytes: 0,
    });
    await complete('work', 'sealed "answer" 🦞');
    expect(await store.find('ada', 'work')).toMatchObject({
      ...{ status: 201, response: 'sealed "answer" 🦞', bytes: 20 },
    });
    expect(await claim('work')).toBe(false);
  });

  test('a released key can be claimed again, and other keys stay', async () => {
    await claim('released', 'ada');
    await claim('released', 'grace');
    await store.release('ada', 'released');
    expect(await store.find('ada', 'released')).toBeUndefined();
    expect(await store.find('grace', 'released')).toBeDefined();
    expect(await claim('released', 'ada')).toBe(true);
  });

  test('a key that is older than the given time can be claimed again, by one of many', async () => {
    await claim('stale', 'ada', '2026-02-28T09:59:59.999Z');
    await complete('stale', 'the answer of the day before');
    const claimed = await Promise.all(Array.from({ length: 20 }, () => claim('stale')));
    expect(claimed.filter(Boolean)).toHaveLength(1);
    expect(await store.find('ada', 'stale')).toMatchObject({
      ...{ status: null, response: null, bytes: 0, createdAt: at },
    });
  });

  test('a key that is claimed again while older ones are deleted stays', async () => {
    await claim('meanwhile', 'ada', '2026-02-28T09:59:59.999Z');
    const [, claimed] = await Promise.all([store.forgetBefore(dayBefore), claim('meanwhile')]);
    expect(claimed).toBe(true);
    expect(await store.find('ada', 'meanwhile')).toMatchObject({ createdAt: at });
  });

  test('counts the keys of one person since the given time', async () => {
    await claim('old', 'counted', '2026-02-28T09:59:59.999Z');
    await claim('young', 'counted', dayBefore);
    await claim('a sign-in', '');
    await complete('a sign-in', 'x', '', 'counted');
    expect(await store.count('counted', dayBefore)).toBe(1);
  });

  test('deletes only keys older than the given time, the oldest first, eight at once', async () => {
    await store.forgetBefore(dayBefore);
    await store.forgetBefore(dayBefore);
    for (let second = 0; second < 10; second += 1)
      await claim(`old ${second}`, 'forgotten', atSecond(second - 86_410));
    await claim('young', 'forgotten', dayBefore);
    await store.forgetBefore(dayBefore);
    expect((await keptFor('forgotten')).map(({ key }) => key)).toEqual(['old 8', 'old 9', 'young']);
    await store.forgetBefore(dayBefore);
    expect((await keptFor('forgotten')).map(({ key }) => key)).toEqual(['young']);
  });

  test('drops the oldest answers of one person beyond the given bytes, and keeps their keys', async () => {
    await claim('of another', 'other');
    await complete('of another', 'x'.repeat(100), 'other');
    for (let second = 0; second < 20; second += 1) {
      await claim(`${second}`, 'long', atSecond(second));
      if (second !== 1) await complete(`${second}`, 'x'.repeat(10), 'long');
    }
    expect(await store.dropBeyond('long', 190)).toBe(false);
    expect(await store.dropBeyond('long', 85)).toBe(true);
    expect(await store.dropBeyond('long', 85)).toBe(false);
    const kept = await keptFor('long');
    expect(kept.map(({ key }) => Number(key))).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(kept.findIndex(({ response }) => response !== null)).toBe(12);
    expect(kept.filter(({ response }) => response !== null)).toHaveLength(8);
    expect((await keptFor('other'))[0]?.response).toHaveLength(100);
    expect(await store.dropBeyond('nobody', 0)).toBe(false);
  });

  test('forgets the oldest sign-ins of one person beyond the given number', async () => {
    for (const [second, personId] of ['in', 'out', 'in', 'in', 'in'].entries()) {
      await claim(`sign-in ${second}`, '', atSecond(second));
      await complete(`sign-in ${second}`, 'x', '', personId);
    }
    await claim('a call', 'in', at);
    await store.forgetSignInsBeyond('in', 2);
    expect((await keptFor('in')).map(({ key }) => key)).toEqual(['a call', 'sign-in 3', 'sign-in 4']);
    expect(await keptFor('out')).toHaveLength(1);
  });
});
