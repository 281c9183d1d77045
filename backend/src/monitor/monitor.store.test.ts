// Rounds in both databases: one Buoy takes each round, of all servers.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { userRow } from '../users/testing/people.ts';
import { createMonitorStore, type MonitorStore } from './monitor.store.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();

describe.each(testDatabases())('rounds on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: MonitorStore;
  beforeEach(async () => {
    database = await open();
    store = createMonitorStore(database.db);
  });
  afterEach(() => database.close());

  test('the first caller sets when the first round is due, and each taken round sets the next one', async () => {
    const said = await Promise.all([at(5), at(6)].map((latest) => store.dueAt(latest)));
    expect(said).toContain(at(5));
    expect(await store.dueAt(at(7))).toBe(at(5));
    expect(await store.take(at(4), at(9))).toBe(false);
    expect(await store.take(at(5), at(10))).toBe(true);
    expect(await store.dueAt(at(20))).toBe(at(10));
  });

  test('one of several simultaneous callers takes a due round', async () => {
    await store.dueAt(at(5));
    const other = createMonitorStore(database.db);
    const taken = await Promise.all(
      [store, other, store, other, store].map((one) => one.take(at(6), at(11))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await store.take(at(10), at(15))).toBe(false);
  });

  test('a shorter interval applies immediately', async () => {
    await store.dueAt(at(50));
    expect(await store.dueAt(at(5))).toBe(at(5));
  });

  test('the result of a round is stored when it has ended, not before', async () => {
    expect(await store.last()).toEqual({ endedAt: null, durationMs: null });
    await store.dueAt(at(5));
    expect(await store.last()).toEqual({ endedAt: null, durationMs: null });
    await store.ended(at(6), 1_234);
    expect(await store.last()).toEqual({ endedAt: at(6), durationMs: 1_234 });
  });

  test('lists all servers, longest unchecked first', async () => {
    const servers = createServerStore(database.db);
    const add = async (
      id: string,
      state: string,
      minute: number,
      openclawInstalled: number | null = null,
    ) => {
      await servers.insert(serverRow(id, { enteredBy: `u_${id}`, createdBy: `u_${id}` }));
      await servers.updateStatus(id, {
        ...{ state, since: at(0), checkedAt: at(minute), reasons: '[]' },
        ...{ openclawInstalled, openclawVersion: null },
      });
    };
    await add('a', 'up', 3);
    await add('b', 'unreachable', 1);
    await add('d', 'down', 2);
    await add('e', 'unreachable', 4, 0);
    await add('f', 'not_set_up', 5, 0);
    expect((await store.servers()).map(({ serverId }) => serverId)).toEqual(['b', 'd', 'a', 'e', 'f']);
    // Who answers for each address, and which never answered.
    expect(await store.servers()).toContainEqual({ serverId: 'b', enteredBy: 'u_b', everAnswered: false });
    expect(await store.servers()).toContainEqual({ serverId: 'e', enteredBy: 'u_e', everAnswered: true });
    expect(await store.servers()).toContainEqual({ serverId: 'f', enteredBy: 'u_f', everAnswered: true });
    // Each of them alone.
    expect(await store.server('b')).toEqual({ serverId: 'b', enteredBy: 'u_b', everAnswered: false });
    expect(await store.server('gone')).toBeUndefined();
  });

  describe('the address of a server that its owner has let another person enter', () => {
    const grant = (serverId: string, userId: string, role: string, grantedBy = 'owner') =>
      database.db
        .insertInto('grants')
        .values({ serverId, userId, role, grantedBy, createdAt: at(0) })
        .execute();
    const shares = async () =>
      new Map((await store.servers()).map(({ serverId, enteredBy }) => [serverId, enteredBy]));
    beforeEach(async () => {
      const servers = createServerStore(database.db);
      await servers.insert(serverRow('shared', { enteredBy: 'mallory', createdBy: 'owner' }));
      await grant('shared', 'mallory', 'admin');
      await servers.insert(serverRow('own', { enteredBy: 'mallory', createdBy: 'mallory' }));
      await servers.insert(serverRow('given', { enteredBy: 'mallory', createdBy: 'mallory' }));
      await servers.insert(serverRow('chosen', { enteredBy: 'owner', createdBy: 'owner' }));
      // Left by its giver, who was its admin.
      await database.db
        .updateTable('grants')
        .set({ userId: 'owner', grantedBy: 'mallory' })
        .where('serverId', '=', 'given')
        .execute();
      await database.db.insertInto('users').values(userRow('mallory')).execute();
    });

    test('is theirs to answer for while they are an admin', async () => {
      expect((await shares()).get('shared')).toBe('mallory');
    });

    const endRole = () =>
      database.db
        .deleteFrom('grants')
        .where('serverId', '=', 'shared')
        .where('userId', '=', 'mallory')
        .execute();
    const makeViewer = () =>
      database.db
        .updateTable('grants')
        .set({ role: 'viewer' })
        .where('serverId', '=', 'shared')
        .where('userId', '=', 'mallory')
        .execute();
    const disable = () =>
      database.db
        .updateTable('users')
        .set({ disabledAt: at(1) })
        .where('id', '=', 'mallory')
        .execute();

    test.each([
      ['revoked', endRole],
      ['made a viewer', makeViewer],
      ['disabled', disable],
    ])(
      'has turns of its own once they are %s, apart from all that they control or gave',
      async (_how, end) => {
        await end();
        const { shared, own, given, chosen } = Object.fromEntries(await shares());
        expect(new Set([shared, own, given, chosen, 'mallory', 'owner']).size).toBe(
          new Set([own, given, chosen, 'mallory', 'owner']).size + 1,
        );
      },
    );
  });
});
