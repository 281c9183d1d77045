// How far a bot has read, in both databases: of several Buoys one answers an update.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createPositionStore, type PositionStore } from './positions.store.ts';

const at = '2026-03-08T10:00:00.000Z';
const since = '2026-03-02T10:00:00.000Z';

describe.each(testDatabases())('positions of a bot on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: PositionStore;
  beforeEach(async () => {
    database ??= await open();
    await database.db.deleteFrom('botPositions').execute();
    store = createPositionStore(database.db);
  });
  afterAll(() => database?.close());

  test('go forward only, for one of those that try at the same moment', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () => store.advance('1', 7, { at, since })));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store.advance('1', 6, { at, since })).toBe(false);
    expect(await store.advance('2', 6, { at, since })).toBe(true);
    expect(await store.last('1', since)).toBe(7);
  });

  test('begin anew after days of silence, with smaller ids too', async () => {
    await store.advance('1', 900, { at: '2026-03-01T10:00:00.000Z', since: '2026-02-23T10:00:00.000Z' });
    expect(await store.last('1', since)).toBeNull();
    expect(await store.advance('1', 5, { at, since })).toBe(true);
    expect(await store.last('1', since)).toBe(5);
  });
});
