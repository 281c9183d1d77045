// Notification settings in both databases: one row for each person, and concurrent changes that do not undo each other.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { userRow } from '../users/testing/people.ts';
import { createPrefsStore, type PrefsStore } from './prefs.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T11:00:00.000Z';

describe.each(testDatabases())('notification settings on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: PrefsStore;
  beforeEach(async () => {
    database ??= await open();
    await database.db.deleteFrom('users').execute();
    for (const id of ['ada', 'grace']) await database.db.insertInto('users').values(userRow(id)).execute();
    store = createPrefsStore(database.db);
  });
  afterAll(() => database?.close());

  const rows = () => database.db.selectFrom('notificationPrefs').selectAll().orderBy('userId').execute();

  test('of a person without settings are an empty object, and reading stores nothing', async () => {
    expect(await store.find('ada')).toBe('{}');
    expect(await rows()).toEqual([]);
  });

  test('are changed from the stored value, and the new value is returned', async () => {
    expect(await store.change('ada', now, (stored) => `[${stored}]`)).toBe('[{}]');
    expect(await store.change('ada', later, (stored) => `[${stored}]`)).toBe('[[{}]]');
    expect(await store.find('ada')).toBe('[[{}]]');
    expect(await rows()).toEqual([{ userId: 'ada', prefs: '[[{}]]', updatedAt: later }]);
  });

  test('of one person are separate from those of another', async () => {
    await store.change('ada', now, () => '"hers"');
    expect(await store.find('grace')).toBe('{}');
  });

  test('keep every one of fifty concurrent changes, also the first', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        store.change('ada', now, (stored) => JSON.stringify({ ...JSON.parse(stored), [index]: true })),
      ),
    );
    expect(Object.keys(JSON.parse(await store.find('ada')))).toHaveLength(50);
  });

  test('are stored together with the writes of the change, or not at all', async () => {
    const refused = store.change(
      'ada',
      now,
      () => '"changed"',
      () => Promise.reject(new Error('The entry cannot be written.')),
    );
    await expect(refused).rejects.toThrow('The entry cannot be written.');
    expect(await rows()).toEqual([]);
  });

  test('have other writes beside them when they stay the same', async () => {
    const writes: string[] = [];
    const noting = (word: string) => async () => void writes.push(word);
    for (const text of ['"a"', '"a"', '"b"'])
      await store.change('ada', now, () => text, noting(`changed ${text}`), noting(`same ${text}`));
    expect(writes).toEqual(['changed "a"', 'same "a"', 'changed "b"']);
  });

  test('are deleted with the person', async () => {
    await store.change('ada', now, () => '"hers"');
    await database.db.deleteFrom('users').where('id', '=', 'ada').execute();
    expect(await rows()).toEqual([]);
  });
});
