// Maintenance windows in both databases: whose servers a tag stands for, how many there are, and how one ends.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createMaintenanceStore, type MaintenanceScope, type MaintenanceStore } from './maintenance.store.ts';
import { windowRow } from './testing/window-row.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const limits = {
  ...{ maxWindows: 3, full: (name: string) => new Error(`${name} is full`) },
  ...{ maxServers: 2, tooMany: () => new Error('too many servers') },
};
const nothing = () => undefined;

describe.each(testDatabases())('maintenance store on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: MaintenanceStore;
  let made = 0;
  beforeAll(async () => {
    database = await open();
    store = createMaintenanceStore(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
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
        .values({ serverId, userId: 'ada', role, grantedBy: 'ada', createdAt: at(0) })
        .execute();
  });

  const insert = (scope: MaintenanceScope, from = 0, until = 60, now = 0) =>
    store.insert(
      scope,
      (serverId) => {
        made += 1;
        const id = `mnt_${String(made).padStart(4, '0')}`;
        return windowRow(serverId, { id, startsAt: at(from), endsAt: at(until), createdAt: at(now) });
      },
      limits,
      at(now),
      nothing,
    );
  const serversOf = async (scope: MaintenanceScope, now = 0): Promise<string[]> =>
    (await store.list(scope, { limit: 50 }, at(now))).windows.map(({ serverId }) => serverId);
  const prod = { tag: 'prod', adminId: 'ada' } as const;

  test('a tag stands for the servers that a person is an admin of, and for all of a super-admin', async () => {
    expect((await insert(prod)).map(({ serverId }) => serverId)).toEqual(['a', 'b']);
    expect(await serversOf(prod)).toEqual(['a', 'b']);
    expect(await serversOf({ tag: 'prod', adminId: null })).toEqual(['a', 'b']);
    expect(await insert({ tag: 'prod', adminId: 'eve' })).toEqual([]);
    expect(await serversOf({ tag: 'prod', adminId: 'eve' })).toEqual([]);
    await expect(insert({ tag: 'prod', adminId: null })).rejects.toThrow('too many servers');
  });

  test('a server has a limited number, also when they come at once; none is stored where one is full', async () => {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => insert({ serverId: 'a' })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await expect(insert(prod)).rejects.toThrow('a is full');
    expect(await serversOf({ serverId: 'b' })).toEqual([]);
    // Those that are over do not count.
    expect(await insert({ serverId: 'a' }, 61, 90, 60)).toHaveLength(1);
  });

  test('pages follow each other, by server and creation', async () => {
    for (const minute of [2, 0, 1]) await insert(prod, 0, 60, minute);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list(prod, { limit: 2, cursor }, at(5));
      seen.push(...page.windows.map(({ serverId, createdAt }) => `${serverId} ${createdAt}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a', 'b'].flatMap((id) => [0, 1, 2].map((minute) => `${id} ${at(minute)}`)));
  });

  test('one that is removed while it is active ends then, and goes when it is settled; a planned one goes at once', async () => {
    await insert({ serverId: 'a' });
    await insert({ serverId: 'a' }, 30);
    expect(await store.active(at(10))).toEqual([{ serverId: 'a', startsAt: at(0), endsAt: at(60) }]);
    expect(await store.remove({ serverId: 'a' }, null, at(10), nothing)).toEqual({ servers: 1, windows: 2 });
    expect(await store.active(at(10))).toEqual([]);
    expect(await serversOf({ serverId: 'a' }, 10)).toEqual([]);
    const [ended, ...more] = await store.ended(at(10), 10);
    expect([ended?.endsAt, more]).toEqual([at(10), []]);
  });

  test('those that a person set end when that person is no admin any more', async () => {
    await insert({ serverId: 'a' });
    await insert({ serverId: 'a' }, 30);
    await insert({ serverId: 'b' });
    await database.db
      .updateTable('maintenanceWindows')
      .set({ createdBy: 'bob' })
      .where('serverId', '=', 'b')
      .execute();
    for (const serverId of ['a', 'b'])
      await database.db.transaction().execute(store.endOf(serverId, 'ada', at(10)));
    expect(await store.active(at(10))).toEqual([{ serverId: 'b', startsAt: at(0), endsAt: at(60) }]);
    expect(await serversOf({ serverId: 'a' }, 10)).toEqual([]);
  });

  test('is settled once, by whichever Buoy comes first, and gets its next time', async () => {
    await insert({ serverId: 'a' });
    const [row = expect.unreachable()] = await store.ended(at(60), 10);
    let held = 0;
    const next = { startsAt: at(120), endsAt: at(180) };
    const settle = () =>
      store.settle(row, next, async () => {
        held += 1;
      });
    const results = await Promise.all([settle(), settle(), settle()]);
    expect(results.toSorted()).toEqual([false, false, true]);
    expect(held).toBe(1);
    expect(await store.active(at(119))).toEqual([]);
    expect(await store.active(at(120), 'a')).toEqual([{ serverId: 'a', ...next }]);
    expect(await store.active(at(120), 'b')).toEqual([]);
  });

  test('one that cannot be stored with what happened in it stays to be settled', async () => {
    await insert({ serverId: 'a' });
    const [row = expect.unreachable()] = await store.ended(at(60), 10);
    const fail = async () => {
      throw new Error('the disk is full');
    };
    await expect(store.settle(row, null, fail)).rejects.toThrow('the disk is full');
    expect(await store.ended(at(60), 10)).toEqual([row]);
  });

  test('goes with its server', async () => {
    await insert({ serverId: 'a' });
    await database.db.deleteFrom('servers').where('id', '=', 'a').execute();
    expect(await store.ended(at(60), 10)).toEqual([]);
  });
});
