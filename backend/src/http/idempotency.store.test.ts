// Idempotency keys in both databases: of many first claims, one is the first.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createIdempotencyStore, type IdempotencyStore } from './idempotency.store.ts';

const at = '2026-03-01T10:00:00.000Z';

describe.each(testDatabases())('idempotency keys on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: IdempotencyStore;
  beforeAll(async () => {
    database = await open();
    store = createIdempotencyStore(database.db);
  });
  afterAll(() => database.close());

  const claim = (key: string, userId = 'ada', createdAt = at) =>
    store.claim({ userId, key, requestHash: `hash of ${key}`, createdAt });

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
    });
    await store.complete('ada', 'work', 201, 'sealed "answer" 🦞');
    expect(await store.find('ada', 'work')).toMatchObject({ status: 201, response: 'sealed "answer" 🦞' });
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

  test('deletes only keys older than the given time', async () => {
    await claim('old', 'ada', '2026-02-28T09:59:59.999Z');
    await claim('young', 'ada', '2026-02-28T10:00:00.000Z');
    await store.forgetBefore('2026-02-28T10:00:00.000Z');
    expect(await store.find('ada', 'old')).toBeUndefined();
    expect(await store.find('ada', 'young')).toBeDefined();
  });
});
