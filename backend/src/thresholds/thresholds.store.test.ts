// Thresholds in both databases: whose servers a tag stands for, changes at the same time, and what is left of a tag.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import type { ChosenThresholds } from './held-thresholds.ts';
import { createThresholdStore, placedAt, type ServerScope, type ThresholdStore } from './thresholds.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const limits = { maxServers: 2, tooMany: () => new Error('too many servers') };
const prodOfAda: ServerScope = { tag: 'prod', adminId: 'ada' };

describe.each(testDatabases())('threshold store on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: ThresholdStore;
  let hooks: string[];
  beforeAll(async () => {
    database = await open();
    store = createThresholdStore(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    hooks = [];
    await database.db.deleteFrom('servers').execute();
    const servers = { a: ['prod', 'eu'], b: ['prod'], c: ['prod'], d: ['product'] };
    for (const [id, tags] of Object.entries(servers))
      await database.db
        .insertInto('servers')
        .values(serverRow(id, { tags: JSON.stringify(tags) }))
        .execute();
    const roles = { a: 'owner', b: 'admin', c: 'viewer', d: 'owner' };
    for (const [serverId, role] of Object.entries(roles))
      await database.db
        .insertInto('grants')
        .values({ serverId, userId: 'ada', role, grantedBy: 'ada', createdAt: now })
        .execute();
  });

  const change = (
    scope: ServerScope,
    choose: (before: ChosenThresholds) => ChosenThresholds,
    fails = false,
  ) => {
    const tag = 'tag' in scope ? scope.tag : '';
    return store.change(scope, { userId: 'ada', now }, (before) => choose(placedAt(tag, before)), limits, {
      also: (servers) => async () => {
        if (fails) throw new Error('no audit');
        hooks.push(`changed ${servers.map(({ id }) => id)}`);
      },
      alsoWhenSame: (servers) => async () => void hooks.push(`same ${servers.map(({ id }) => id)}`),
    });
  };
  const rows = async () =>
    (await database.db.selectFrom('thresholds').selectAll().orderBy('serverId').orderBy('tag').execute()).map(
      ({ serverId, tag, chosen }) => `${serverId} ${tag} ${chosen}`,
    );
  const skew = (clockSkewS: number) => () => ({ clockSkewS });

  test('a tag stands for the servers with it that the person is an admin of', async () => {
    await change(prodOfAda, skew(90));
    expect(await rows()).toEqual(['a prod {"clockSkewS":90}', 'b prod {"clockSkewS":90}']);
    expect(hooks).toEqual(['changed a,b']);
    expect(await store.read({ serverId: 'a' })).toEqual([
      { own: {}, byTag: [{ tag: 'prod', chosen: { clockSkewS: 90 } }] },
    ]);
    expect(await store.read({ tag: 'prod', adminId: 'bob' })).toEqual([]);
  });

  test('the same again changes nothing, and what is empty is removed', async () => {
    await change({ serverId: 'a' }, skew(90));
    await change({ serverId: 'a' }, skew(90));
    await change({ serverId: 'a' }, () => ({}));
    expect(hooks).toEqual(['changed a', 'same a', 'changed a']);
    expect(await rows()).toEqual([]);
  });

  test('more servers than a call may change are refused, and nothing is set', async () => {
    await expect(change({ tag: 'prod', adminId: null }, skew(90))).rejects.toThrow('too many servers');
    expect(await rows()).toEqual([]);
  });

  test('nothing is set when what is written with it fails', async () => {
    await expect(change(prodOfAda, skew(90), true)).rejects.toThrow('no audit');
    expect(await rows()).toEqual([]);
  });

  test('of twenty changes at the same time none is lost', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        change({ serverId: 'a' }, ({ clockSkewS = 5 }) => ({ clockSkewS: clockSkewS + 1 })),
      ),
    );
    expect(await rows()).toEqual(['a  {"clockSkewS":25}']);
  });

  test('what a tag had goes with the next change after the server has lost it', async () => {
    await change({ tag: 'eu', adminId: 'ada' }, skew(90));
    await database.db.updateTable('servers').set({ tags: '["prod"]' }).where('id', '=', 'a').execute();
    expect(await store.read({ serverId: 'a' })).toEqual([{ own: {}, byTag: [] }]);
    await change({ serverId: 'a' }, skew(30));
    expect(await rows()).toEqual(['a  {"clockSkewS":30}']);
  });

  const inherit = (serverId: string, userId = 'ada') =>
    database.db.transaction().execute((trx) => store.inherit(serverId, userId)(trx));
  const setTags = (id: string, ...tags: string[]) =>
    database.db
      .updateTable('servers')
      .set({ tags: JSON.stringify(tags) })
      .where('id', '=', id)
      .execute();

  test('a server that gets a tag takes over what the person set for it last, and loses what it has no tag for', async () => {
    await change(prodOfAda, skew(90));
    await store.change({ serverId: 'b' }, { userId: 'ada', now }, skew(7), limits, {
      ...{ also: () => undefined, alsoWhenSame: () => undefined },
    });
    await setTags('d', 'prod', 'eu');
    await inherit('d');
    expect((await rows()).filter((row) => row.startsWith('d'))).toEqual(['d prod {"clockSkewS":90}']);
    await setTags('d', 'eu');
    await inherit('d');
    expect((await rows()).filter((row) => row.startsWith('d'))).toEqual([]);
  });

  test('nothing is taken over from servers that the person is no admin of, or that have lost the tag', async () => {
    await change({ tag: 'prod', adminId: 'ada' }, skew(90));
    await setTags('d', 'prod');
    await inherit('d', 'bob');
    for (const id of ['a', 'b']) await setTags(id, 'other');
    await inherit('d');
    expect((await rows()).filter((row) => row.startsWith('d'))).toEqual([]);
  });

  test('what is set for the tag on the server itself stays', async () => {
    await change({ tag: 'eu', adminId: 'ada' }, skew(30));
    await change(prodOfAda, skew(90));
    await inherit('a');
    expect((await rows()).filter((row) => row.startsWith('a'))).toEqual([
      ...['a eu {"clockSkewS":30}', 'a prod {"clockSkewS":90}'],
    ]);
  });

  test('a server that is deleted leaves none', async () => {
    await change(prodOfAda, skew(90));
    await database.db.deleteFrom('servers').where('id', '=', 'a').execute();
    expect(await rows()).toEqual(['b prod {"clockSkewS":90}']);
  });
});
