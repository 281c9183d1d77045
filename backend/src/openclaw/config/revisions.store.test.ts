// The revisions of a config in either database: counted by server, newest first, bounded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../../db/database.ts';
import { testDatabases } from '../../db/testing/databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { createServerStore } from '../../servers/servers.store.ts';
import { createRevisionStore, type NewRevision, type RevisionStore } from './revisions.store.ts';

const revision = (serverId: string, hash: string, changes: Partial<NewRevision> = {}): NewRevision => ({
  serverId,
  at: '2026-11-25T01:00:00.000Z',
  userId: null,
  origin: 'outside',
  note: null,
  hash,
  problem: null,
  config: '{"gateway":{"some_key":1}}',
  changedPaths: '{"count":0,"paths":[]}',
  ...changes,
});

describe.each(testDatabases())('revisions on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: RevisionStore;

  beforeAll(async () => {
    database = await open();
    store = createRevisionStore(database.db);
    for (const id of ['srv_one', 'srv_two', 'srv_many', 'srv_large'])
      await createServerStore(database.db).insert(serverRow(id, { createdBy: 'owner' }));
  });
  afterAll(() => database.close());

  test('each server numbers its own revisions, which are returned as they were stored', async () => {
    expect(await store.latest('srv_one')).toBeNull();
    expect(await store.add(revision('srv_one', 'a'))).toBe(1);
    expect(await store.add(revision('srv_two', 'a'))).toBe(1);
    const broken = { problem: '{"message":"x"}', config: null, userId: 'ada', origin: 'buoy', note: 'why' };
    expect(await store.add(revision('srv_one', 'b', broken))).toBe(2);
    expect(await store.latest('srv_one')).toEqual({ ...revision('srv_one', 'b', broken), rev: 2 });
    expect(await store.find('srv_one', 1)).toMatchObject({ hash: 'a' });
    expect(await store.find('srv_one', 3)).toBeNull();
    expect(await store.readable('srv_one', 2)).toMatchObject({ rev: 1 });
    expect(await store.withHash('srv_one', 'a')).toMatchObject({ rev: 1 });
    expect(await store.withHash('srv_one', 'b')).toBeNull();
  });

  test('a page continues where the previous one ended', async () => {
    expect((await store.list('srv_one', null, 1)).map(({ rev }) => rev)).toEqual([2]);
    expect((await store.list('srv_one', 2, 5)).map(({ rev }) => rev)).toEqual([1]);
  });

  test('only the last 200 are kept, and numbering continues', async () => {
    for (let index = 1; index <= 203; index += 1) await store.add(revision('srv_many', `h${index}`));
    const all = await store.list('srv_many', null, 500);
    expect(all).toHaveLength(200);
    expect(all[0]?.rev).toBe(203);
    expect(all.at(-1)?.rev).toBe(4);
  });

  test('configs of a server take at most 16 MiB: the oldest revisions go, the newest one always stays', async () => {
    const config = JSON.stringify({ text: 'x'.repeat(5 * 1024 * 1024) });
    for (const hash of ['a', 'b', 'c', 'd']) await store.add(revision('srv_large', hash, { config }));
    const kept = async () => (await store.list('srv_large', null, 500)).map(({ rev }) => rev);
    expect(await kept()).toEqual([4, 3, 2]);
    await store.add(revision('srv_large', 'e', { config: JSON.stringify('x'.repeat(17 * 1024 * 1024)) }));
    expect(await kept()).toEqual([5]);
  });

  test('a write for a server deleted in the meantime is ignored', async () => {
    expect(await store.add(revision('srv_gone', 'a'))).toBeNull();
  });
});
