// Notes on alerts on both databases: their order, their number, and what is left of them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { userRow } from '../users/testing/people.ts';
import { insertAlerts, newAlert } from './alert-changes.store.ts';
import { type AlertNoteStore, createAlertNoteStore } from './alert-notes.store.ts';

const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString();

describe.each(testDatabases())('alert note store on $name', ({ open }) => {
  let database: DatabaseHandle;
  let notes: AlertNoteStore;
  let alertId: string;

  beforeAll(async () => {
    database = await open();
    notes = createAlertNoteStore(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    const { db } = database;
    for (const table of ['servers', 'users'] as const) await db.deleteFrom(table).execute();
    await db.insertInto('servers').values(serverRow('srv_1')).execute();
    await db.insertInto('users').values(userRow('ada')).execute();
    const alert = newAlert(
      'srv_1',
      { type: 'channel_down', subject: 'slack', severity: 'critical', cause: '', evidence: '' },
      at(0),
    );
    alertId = alert.id;
    await insertAlerts(db, [alert]);
  });

  const add = (id: string, second = 0, max = 50) =>
    notes.add({ id, alertId, userId: 'ada', text: `text of ${id}`, createdAt: at(second) }, max);
  const noteCount = async (): Promise<number | undefined> =>
    (await database.db.selectFrom('alerts').select('noteCount').executeTakeFirst())?.noteCount;
  const ids = async (page: Parameters<AlertNoteStore['list']>[1]) =>
    (await notes.list(alertId, page)).notes.map(({ id }) => id);

  test('lists notes oldest first, those of one moment by their ids, and goes on behind a cursor', async () => {
    for (const [id, second] of [
      ['c', 2],
      ['b', 1],
      ['a', 1],
      ['d', 3],
    ] as const)
      await add(id, second);
    expect(await ids({ limit: 50 })).toEqual(['a', 'b', 'c', 'd']);
    const first = await notes.list(alertId, { limit: 3 });
    expect(first.notes).toHaveLength(3);
    expect(await ids({ limit: 3, cursor: first.nextCursor ?? '' })).toEqual(['d']);
    expect((await notes.list(alertId, { limit: 4 })).nextCursor).toBeNull();
  });

  test('takes exactly as many as there may be, of many at the same time', async () => {
    const added = await Promise.all(Array.from({ length: 12 }, (_, index) => add(`n${index}`, index, 5)));
    expect(added.filter(Boolean)).toHaveLength(5);
    expect(await ids({ limit: 50 })).toHaveLength(5);
    expect(await noteCount()).toBe(5);
  });

  test('removes a note once, of the alert that it is on, and counts it once', async () => {
    await add('a');
    await add('b');
    expect(await notes.remove('alr_other', 'a')).toBe(false);
    const removed = await Promise.all([notes.remove(alertId, 'a'), notes.remove(alertId, 'a')]);
    expect(removed.filter(Boolean)).toHaveLength(1);
    expect(await noteCount()).toBe(1);
    expect(await notes.find(alertId, 'a')).toBeUndefined();
  });

  test('stores nothing when the audit entry cannot be written', async () => {
    const fail = () => Promise.reject(new Error('no entry'));
    const note = { id: 'a', alertId, userId: 'ada', text: 'x', createdAt: at(0) };
    await expect(notes.add(note, 50, fail)).rejects.toThrow('no entry');
    expect(await ids({ limit: 50 })).toEqual([]);
    expect(await noteCount()).toBe(0);
  });

  test('keeps the note of a person who is gone, and removes those of an alert that is gone', async () => {
    await add('a');
    await database.db.deleteFrom('users').execute();
    expect((await notes.list(alertId, { limit: 50 })).notes).toMatchObject([
      { id: 'a', userId: 'ada', writer: null },
    ]);
    await database.db.deleteFrom('alerts').execute();
    expect(await database.db.selectFrom('alertNotes').select('id').execute()).toEqual([]);
    expect(await add('b')).toBe(false);
  });
});
