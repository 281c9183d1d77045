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
    for (const id of ['srv_one', 'srv_two', 'srv_many', 'srv_large', 'srv_broken'])
      await createServerStore(database.db).insert(serverRow(id, { createdBy: 'owner' }));
    const owned = ['srv_a', 'srv_b', 'srv_c', 'srv_d', 'srv_e', 'srv_f'].map((id) => [id, 'ada']);
    for (const [id, owner] of [...owned, ['srv_of_bob', 'bob']] as Array<[string, string]>)
      await createServerStore(database.db).insert(serverRow(id, { createdBy: owner }));
  });
  afterAll(() => database.close());

  const kept = async (serverId: string) => (await store.list(serverId, null, 500)).map(({ rev }) => rev);

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
    expect(await kept('srv_large')).toEqual([4, 3, 2]);
    await store.add(revision('srv_large', 'e', { config: JSON.stringify('x'.repeat(17 * 1024 * 1024)) }));
    expect(await kept('srv_large')).toEqual([5]);
  });

  test('everything that a revision says counts, in bytes', async () => {
    const MIB = 1024 * 1024;
    const problem = JSON.stringify({ message: 'é'.repeat(2 * MIB) });
    const changedPaths = JSON.stringify({ count: 1, paths: ['x'.repeat(MIB)] });
    for (const hash of ['a', 'b', 'c', 'd'])
      await store.add(revision('srv_broken', hash, { config: null, problem, changedPaths }));
    expect(await kept('srv_broken')).toEqual([4, 3, 2]);
  });

  test('revisions of all servers of a person take at most 64 MiB: the oldest of the server with most go, the newest of none', async () => {
    const MIB = 1024 * 1024;
    const config = (mebibytes: number) => JSON.stringify('x'.repeat(mebibytes * MIB - 2_000));
    const fill = async (serverId: string, times: number, mebibytes: number) => {
      for (let index = 1; index <= times; index += 1)
        await store.add(revision(serverId, `${index}`, { config: config(mebibytes) }));
    };
    await fill('srv_of_bob', 4, 4);
    await fill('srv_a', 1, 16);
    await fill('srv_b', 4, 4);
    await fill('srv_c', 16, 1);
    await fill('srv_d', 5, 3);
    const all = async () => ({
      a: await kept('srv_a'),
      b: await kept('srv_b'),
      c: (await kept('srv_c')).length,
      d: (await kept('srv_d')).length,
    });
    expect(await all()).toEqual({ a: [1], b: [4, 3, 2, 1], c: 16, d: 5 });
    // 63 MiB are full: each of these pushes out the oldest of whatever server has most.
    await fill('srv_e', 1, 3);
    expect(await all()).toEqual({ a: [1], b: [4, 3, 2], c: 16, d: 5 });
    await fill('srv_e', 1, 3);
    expect(await all()).toEqual({ a: [1], b: [4, 3, 2], c: 15, d: 5 });
    expect(await kept('srv_of_bob')).toEqual([4, 3, 2, 1]);
    await fill('srv_f', 5, 16);
    expect(await kept('srv_f')).toEqual([5]);
    expect(await kept('srv_a')).toEqual([1]);
    expect((await kept('srv_d'))[0]).toBe(5);
  });

  test('a write for a server deleted in the meantime is ignored', async () => {
    expect(await store.add(revision('srv_gone', 'a'))).toBeNull();
  });
});
