// Leases in both databases: one Buoy has each, whatever clocks say.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createLeaseStore, type LeaseStore } from './leases.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const until = '2026-03-01T10:00:30.000Z';
const tooFar = '2026-03-01T10:10:30.000Z';

describe.each(testDatabases())('leases on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: LeaseStore;
  beforeEach(async () => {
    database ??= await open();
    await database.db.deleteFrom('leases').execute();
    store = createLeaseStore(database.db);
  });
  afterAll(() => database?.close());

  const take = (holder: string, times: Partial<Parameters<LeaseStore['take']>[2]> = {}) =>
    store.take('bot', holder, { now, tooFar, until, ...times });

  test('are taken by one Buoy, which renews them, until they are over or given back', async () => {
    expect(await take('a')).toBe(true);
    expect([await take('b'), await take('a')]).toEqual([false, true]);
    expect(await take('b', { now: until, until: '2026-03-01T10:01:00.000Z' })).toBe(true);
    await store.release('bot', 'a');
    expect(await take('a')).toBe(false);
    await store.release('bot', 'b');
    expect(await take('a')).toBe(true);
  });

  test('that a wrong clock left far in the future are taken', async () => {
    await take('a', { until: '2026-03-01T10:10:00.000Z' });
    expect(await take('b')).toBe(false);
    await take('a', { until: '2027-03-01T10:00:00.000Z' });
    expect(await take('b')).toBe(true);
  });

  test('of a Buoy that is known to be gone are taken at once', async () => {
    await take('a');
    expect(await take('b', { now: null })).toBe(true);
  });
});
