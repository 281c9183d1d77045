// How the last tasks of a server ended, from both databases.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { createTasksStore, type TasksStore } from './tasks.store.ts';

const at = '2026-03-01T10:00:00.000Z';

describe.each(testDatabases())('the last ended tasks on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: TasksStore;
  beforeAll(async () => {
    database = await open();
    store = createTasksStore(database);
  });
  afterAll(() => database.close());

  test('say why a task failed, and whether it could be undone; other types and servers are left out', async () => {
    const serverId = newId('srv');
    await database.db.insertInto('servers').values(serverRow(serverId)).execute();
    const create = async (type: string, status: string) => {
      const id = newId('tsk');
      const steps = [{ id: 'rollback', title: 'Go back' }];
      await store.create({
        ...{ id, type, serverId, exclusive: false, input: { component: 'npm' }, secrets: null },
        ...{ createdBy: 'u_1', createdAt: at, steps },
      });
      const error = JSON.stringify({ code: 'refused', message: 'It did not start.', hint: null });
      const { db } = database;
      await db.updateTable('tasks').set({ status, error, finishedAt: at }).where('id', '=', id).execute();
      await db.updateTable('taskSteps').set({ status: 'failed' }).where('taskId', '=', id).execute();
      return id;
    };
    const failed = await create('test.update', 'failed');
    await create('test.update', 'cancelled');
    await create('test.work', 'failed');
    expect(await store.lastEnded(serverId, ['test.update'])).toEqual([
      {
        ...{ id: failed, type: 'test.update', succeeded: false, input: { component: 'npm' }, result: null },
        ...{ error: { message: 'It did not start.', hint: null }, finishedAt: at, rollbackFailed: true },
      },
    ]);
    expect(await store.lastEnded('srv_other', ['test.update'])).toEqual([]);
  });
});
