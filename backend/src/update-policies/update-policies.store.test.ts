// Update policies in both databases: changes at the same time, the limit of a person, and whose policies hold for a server.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { userRow } from '../users/testing/people.ts';
import {
  type ChosenPolicy,
  createUpdatePolicyStore,
  type UpdatePolicyStore,
} from './update-policies.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T11:00:00.000Z';
const limits = { maxPolicies: 3, full: () => new Error('full') };
const pinnedTo = (pinned: string): ChosenPolicy => ({ pinned, updateWindow: null });

describe.each(testDatabases())('update policies on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: UpdatePolicyStore;
  beforeEach(async () => {
    database = await open();
    store = createUpdatePolicyStore(database);
    for (const id of ['ada', 'bob']) await database.db.insertInto('users').values(userRow(id)).execute();
  });
  afterEach(() => database.close());

  const set = (userId: string, tag: string, pinned: string, at = now) =>
    store.change({ userId, tag }, at, () => pinnedTo(pinned), limits);
  const addServer = async (id: string, tags: string[], owner: string) => {
    await database.db
      .insertInto('servers')
      .values(serverRow(id, { tags: JSON.stringify(tags) }))
      .execute();
    const grants = [
      { userId: owner, role: 'owner' },
      { userId: owner === 'ada' ? 'bob' : 'ada', role: 'admin' },
    ];
    await database.db
      .insertInto('grants')
      .values(grants.map((grant) => ({ serverId: id, ...grant, grantedBy: owner, createdAt: now })))
      .execute();
  };
  const pinsOf = async (...ids: string[]) =>
    Object.fromEntries(
      Array.from(await store.ofServers(ids), ([id, rows]) => [id, rows.map(({ pinned }) => pinned)]),
    );

  test('are made, changed and removed, each with its version', async () => {
    expect(await store.find('ada', 'prod')).toBeNull();
    await set('ada', 'prod', '1.0.0');
    await store.change(
      { userId: 'ada', tag: 'prod' },
      later,
      (stored) => ({ pinned: stored?.pinned ?? null, updateWindow: '{}' }),
      limits,
    );
    expect(await store.find('ada', 'prod')).toEqual({
      ...{ userId: 'ada', tag: 'prod', pinned: '1.0.0', updateWindow: '{}', version: 2, updatedAt: later },
    });
    expect(await store.find('bob', 'prod')).toBeNull();
    expect(await store.remove('bob', 'prod')).toBe(false);
    expect(await store.remove('ada', 'prod')).toBe(true);
    expect(await store.find('ada', 'prod')).toBeNull();
  });

  test('stay as they are when the same is set again', async () => {
    await set('ada', 'prod', '1.0.0');
    const hooks: string[] = [];
    await store.change({ userId: 'ada', tag: 'prod' }, later, () => pinnedTo('1.0.0'), limits, {
      also: async () => void hooks.push('changed'),
      alsoWhenSame: async () => void hooks.push('same'),
    });
    expect(hooks).toEqual(['same']);
    expect(await store.find('ada', 'prod')).toMatchObject({ version: 1, updatedAt: now });
  });

  test('keep their state when what is written with them fails', async () => {
    const failing = store.change({ userId: 'ada', tag: 'prod' }, now, () => pinnedTo('1.0.0'), limits, {
      also: async () => {
        throw new Error('no audit');
      },
    });
    await expect(failing).rejects.toThrow('no audit');
    expect(await store.find('ada', 'prod')).toBeNull();
  });

  test('lose none of twenty changes at the same time', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        store.change(
          { userId: 'ada', tag: 'prod' },
          now,
          (stored) => pinnedTo(`1.0.${Number(stored?.pinned?.split('.')[2] ?? -1) + 1}`),
          limits,
        ),
      ),
    );
    expect(await store.find('ada', 'prod')).toMatchObject({ pinned: '1.0.19', version: 20 });
  });

  test('refuse one more than a person may have, also at the same time', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e'].map((tag) => set('ada', tag, '1.0.0')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await set('bob', 'a', '1.0.0');
    const { policies } = await store.list('ada', { limit: 10 });
    expect(policies).toHaveLength(3);
    // One that is there can still be changed.
    await set('ada', policies[0]?.tag ?? '', '2.0.0');
  });

  test('are listed in pages by their tags, each once, for their person alone', async () => {
    for (const tag of ['web', 'db', 'Ärger']) await set('ada', tag, '1.0.0');
    await set('bob', 'eu', '1.0.0');
    const tags: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list('ada', { limit: 2, cursor });
      tags.push(...page.policies.map(({ tag }) => tag));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(tags.toSorted()).toEqual(['web', 'db', 'Ärger'].toSorted());
    await expect(store.list('ada', { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test("hold for the servers of their person with that tag, and for no other's", async () => {
    await set('ada', 'prod', '1.0.0');
    await set('ada', 'eu', '2.0.0');
    await set('bob', 'prod', '3.0.0');
    await addServer('srv_both', ['prod', 'eu', 'web'], 'ada');
    await addServer('srv_none', ['web'], 'ada');
    await addServer('srv_untagged', [], 'ada');
    await addServer('srv_bob', ['prod', 'eu'], 'bob');
    expect(await pinsOf('srv_both', 'srv_none', 'srv_untagged', 'srv_bob', 'srv_unknown')).toEqual({
      srv_both: ['2.0.0', '1.0.0'],
      srv_bob: ['3.0.0'],
    });
    expect(await pinsOf()).toEqual({});
  });

  test('of the new owner of a server that was transferred hold once they have taken it', async () => {
    await set('ada', 'prod', '1.0.0');
    await set('bob', 'prod', '3.0.0');
    await addServer('srv_1', ['prod'], 'ada');
    expect(await pinsOf('srv_1')).toEqual({ srv_1: ['1.0.0'] });
    const change = (userId: string, grant: { role?: string; grantedBy?: string }) =>
      database.db
        .updateTable('grants')
        .set(grant)
        .where('serverId', '=', 'srv_1')
        .where('userId', '=', userId)
        .execute();
    await change('ada', { role: 'viewer' });
    await change('bob', { role: 'owner', grantedBy: 'ada' });
    expect(await pinsOf('srv_1')).toEqual({});
    await change('bob', { grantedBy: 'bob' });
    expect(await pinsOf('srv_1')).toEqual({ srv_1: ['3.0.0'] });
  });
});
