// What a move of a server ends: its tasks with secrets, and those of the servers behind it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { createTasksStore, type TasksStore } from './tasks.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const end = {
  at: '2026-03-01T10:05:00.000Z',
  error: { code: 'conflict', message: 'The server was changed.', hint: null },
};

describe.each(testDatabases())('a move of a server on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: TasksStore;
  beforeAll(async () => {
    database = await open();
    store = createTasksStore(database);
  });
  afterAll(() => database.close());

  const newServer = async (jumpServerId: string | null = null): Promise<string> => {
    const id = newId('srv');
    await database.db.insertInto('servers').values(serverRow(id, { jumpServerId })).execute();
    return id;
  };
  const newTask = async (serverId: string, secrets: string | null, type = 'test.work'): Promise<string> => {
    const id = newId('tsk');
    const steps = [
      { id: 'first', title: 'First' },
      { id: 'second', title: 'Second' },
    ];
    await store.create({
      ...{ id, type, serverId, exclusive: true, input: {}, secrets },
      ...{ createdBy: 'u_1', createdAt: at, steps },
    });
    return id;
  };
  const run = (id: string) =>
    store.write(id, {
      at,
      step: { position: 0, id: 'first', status: 'running' },
      task: { status: 'running' },
    });
  const move = (serverId: string) =>
    database.db.transaction().execute((trx) => store.failMoved(trx, serverId, end));

  it('fails queued and running tasks with secrets, which are gone then, and no others', async () => {
    const [serverId, other] = [await newServer(), await newServer()];
    const behind = await newServer(serverId);
    const running = await newTask(serverId, 'sealed', 'test.running');
    await run(running);
    const queued = await newTask(serverId, 'sealed', 'test.queued');
    const ofBehind = await newTask(behind, 'sealed');
    const spared = [await newTask(serverId, null), await newTask(other, 'sealed')];

    const moved = await move(serverId);
    expect(moved.map(({ id }) => id)).toEqual([running, queued, ofBehind].sort());
    expect(moved.find(({ id }) => id === running)).toEqual({
      id: running,
      type: 'test.running',
      startedAt: at,
    });
    for (const id of [running, queued, ofBehind]) {
      expect(await store.find(id)).toMatchObject({
        status: 'failed',
        error: end.error,
        finishedAt: end.at,
        steps: [{ status: id === running ? 'failed' : 'skipped' }, { status: 'skipped' }],
      });
      expect(await store.secrets(id)).toBeNull();
      await expect(store.write(id, { at })).rejects.toMatchObject({ code: 'conflict' });
    }
    for (const id of spared) expect(await store.find(id)).toMatchObject({ status: 'queued' });
    expect(await store.secrets(spared[1]!)).toBe('sealed');
    // Its place is free.
    await newTask(serverId, 'sealed', 'test.running');
  });

  it('leaves the tasks as they were when the move itself is not stored', async () => {
    const serverId = await newServer();
    const id = await newTask(serverId, 'sealed');
    const broken = database.db.transaction().execute(async (trx) => {
      await store.failMoved(trx, serverId, end);
      throw new Error('not stored');
    });
    await expect(broken).rejects.toThrow('not stored');
    expect(await store.find(id)).toMatchObject({ status: 'queued' });
    expect(await store.secrets(id)).toBe('sealed');
  });
});
