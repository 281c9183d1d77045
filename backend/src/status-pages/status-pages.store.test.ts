// Status pages in both databases: links, limits, and what visitors may see at that moment.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { StatusPageTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { userRow } from '../users/testing/people.ts';
import { createStatusPageStore, type StatusPageStore } from './status-pages.store.ts';
import { createVisitStore, type VisitStore } from './visits.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T11:00:00.000Z';
const limit = { maxPages: 3, full: () => new Error('full') };

describe.each(testDatabases())('status pages on $name', ({ open }) => {
  let database: DatabaseHandle;
  let pages: StatusPageStore;
  let visits: VisitStore;
  beforeEach(async () => {
    database = await open();
    pages = createStatusPageStore(database);
    visits = createVisitStore(database.db);
    for (const id of ['ada', 'bob']) await database.db.insertInto('users').values(userRow(id)).execute();
  });
  afterEach(() => database.close());

  const pageRow = (id: string, changes: Partial<StatusPageTable> = {}): StatusPageTable => ({
    ...{ id, createdBy: 'ada', title: id, tag: 'prod', serverIds: null, numbered: 0, showHistory: 1 },
    ...{ linkSalt: `salt of ${id}`, tokenHash: `hash of ${id}`, createdAt: now, expiresAt: null },
    ...{ lastSeenAt: null, version: 1, ...changes },
  });
  const add = (id: string, changes: Partial<StatusPageTable> = {}) =>
    pages.insert(pageRow(id, changes), limit);
  const addServer = async (id: string, tags: string[], role: string | null) => {
    await createServerStore(database.db).insert(
      serverRow(id, { name: id, tags: JSON.stringify(tags), createdBy: 'bob' }),
    );
    if (role !== null)
      await database.db
        .insertInto('grants')
        .values({ serverId: id, userId: 'ada', role, grantedBy: 'bob', createdAt: now })
        .execute();
  };
  const namesOn = async (page: Partial<StatusPageTable> = {}) =>
    (await visits.serversOn(pageRow('x', page))).map(({ name }) => name);

  test('are found by their link until they expire, get another one, or are removed', async () => {
    await add('a', { expiresAt: later });
    expect(await visits.findOpen('hash of a', now)).toMatchObject({ id: 'a', title: 'a' });
    expect(await visits.findOpen('hash of a', later)).toBeUndefined();
    expect(await visits.findOpen('hash of b', now)).toBeUndefined();
    expect(await pages.replaceLink('a', { linkSalt: 's', tokenHash: 'new' })).toMatchObject({
      ...{ id: 'a', linkSalt: 's', tokenHash: 'new' },
    });
    expect(await visits.findOpen('hash of a', now)).toBeUndefined();
    expect(await visits.findOpen('new', now)).toMatchObject({ id: 'a' });
    expect(await pages.remove('a')).toBe(true);
    expect(await pages.remove('a')).toBe(false);
    expect(await pages.replaceLink('a', { linkSalt: 's', tokenHash: 'new' })).toBeNull();
    expect(await visits.findOpen('new', now)).toBeUndefined();
  });

  test('are not found while their creator is disabled', async () => {
    await add('a');
    const disable = (disabledAt: string | null) =>
      database.db.updateTable('users').set({ disabledAt }).where('id', '=', 'ada').execute();
    await disable(now);
    expect(await visits.findOpen('hash of a', now)).toBeUndefined();
    await disable(null);
    expect(await visits.findOpen('hash of a', now)).toMatchObject({ id: 'a' });
  });

  test('have the servers with their tag on which the creator is an admin or owner', async () => {
    await addServer('owned', ['prod'], null);
    await addServer('administered', ['eu', 'prod'], 'admin');
    await addServer('viewed', ['prod'], 'viewer');
    await addServer('other tag', ['PROD', 'prod2', 'pro'], 'admin');
    expect(await namesOn()).toEqual(['administered']);
    await database.db.updateTable('grants').set({ role: 'viewer' }).where('userId', '=', 'ada').execute();
    expect(await namesOn()).toEqual([]);
    expect(await namesOn({ createdBy: 'bob' })).toEqual(['administered', 'owned', 'viewed']);
  });

  test('have the chosen servers that are left to their creator', async () => {
    for (const name of ['one', 'two', 'three'])
      await addServer(name, [], name === 'three' ? 'viewer' : 'admin');
    const chosen = { tag: null, serverIds: '["three","two","one","gone"]' };
    expect(await namesOn(chosen)).toEqual(['one', 'two']);
    await database.db.deleteFrom('servers').where('id', '=', 'one').execute();
    expect(await namesOn(chosen)).toEqual(['two']);
    expect(await namesOn({ tag: null, serverIds: '[]' })).toEqual([]);
    expect(await namesOn({ tag: null, serverIds: null })).toEqual([]);
  });

  test.each(['%', '_', '\\', '"', "'", 'a\\b', 'a"b', 'ü', '日本'])(
    'follow the tag %j alone',
    async (tag) => {
      await addServer('it', [tag], 'admin');
      await addServer('another', ['x', 'axb', 'ab'], 'admin');
      expect(await namesOn({ tag })).toEqual(['it']);
    },
  );

  test('have windows that are not over and begin in time, the first first', async () => {
    await addServer('s', [], 'admin');
    const window = (id: string, startsAt: string, endsAt: string, removedAt: string | null = null) =>
      database.db
        .insertInto('maintenanceWindows')
        .values({
          ...{ id, serverId: 's', kind: 'once', definition: '{}', reason: 'secret', startsAt, endsAt },
          ...{ removedAt, createdBy: 'ada', createdAt: now },
        })
        .execute();
    await window('over', '2026-03-01T08:00:00.000Z', now);
    await window('soon', '2026-03-02T08:00:00.000Z', '2026-03-02T09:00:00.000Z');
    await window('active', '2026-03-01T08:00:00.000Z', later);
    await window('removed', '2026-03-01T08:00:00.000Z', later, now);
    await window('far', '2026-04-02T08:00:00.000Z', '2026-04-02T09:00:00.000Z');
    const ask = (max: number) =>
      visits.windowsOf(['s'], { now, until: '2026-03-08T10:00:00.000Z', limit: max });
    expect(await ask(10)).toEqual([
      { serverId: 's', startsAt: '2026-03-01T08:00:00.000Z', endsAt: later },
      { serverId: 's', startsAt: '2026-03-02T08:00:00.000Z', endsAt: '2026-03-02T09:00:00.000Z' },
    ]);
    expect(await ask(1)).toHaveLength(1);
    expect(await visits.windowsOf([], { now, until: later, limit: 10 })).toEqual([]);
  });

  test('are as many as a person may have, however many are made at once', async () => {
    const made = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((id) => add(id)));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await add('of bob', { createdBy: 'bob' });
  });

  test('are listed in the order in which they were made', async () => {
    await add('b');
    await add('a');
    await add('c', { createdAt: later });
    await add('d', { createdBy: 'bob' });
    const first = await pages.list('ada', { limit: 2 });
    expect(first.pages.map(({ id }) => id)).toEqual(['a', 'b']);
    const rest = await pages.list('ada', { limit: 2, cursor: first.nextCursor ?? '' });
    expect(rest.pages.map(({ id }) => id)).toEqual(['c']);
    expect(rest.nextCursor).toBeNull();
    expect((await pages.list(null, { limit: 10 })).pages).toHaveLength(4);
  });

  test('are changed at the version that was read, and note when they were seen', async () => {
    await add('a');
    const change = (version: number) =>
      pages.update('a', version, {
        ...{ title: 'new', tag: null, serverIds: '["s"]' },
        ...{ numbered: 1, showHistory: 0, expiresAt: later },
      });
    expect(await change(2)).toBe(false);
    expect(await change(1)).toBe(true);
    await visits.noteSeen('a', later);
    expect(await pages.find('a')).toMatchObject({ title: 'new', version: 2, lastSeenAt: later, tag: null });
    expect(await pages.find('b')).toBeUndefined();
  });

  test('tell the roles of a person on servers', async () => {
    await addServer('one', [], 'admin');
    await addServer('two', [], null);
    expect(await pages.rolesOn('ada', ['one', 'two', 'gone'])).toEqual(new Map([['one', 'admin']]));
    expect(await pages.rolesOn('ada', [])).toEqual(new Map());
  });
});
