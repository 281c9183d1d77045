import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { createTasksStore, type TasksStore } from './tasks.store.ts';

const MIB = 1024 * 1024;

describe.each(testDatabases())('ended tasks of a server on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: TasksStore;
  beforeAll(async () => {
    database = await open();
    store = createTasksStore(database);
  });
  afterAll(() => database.close());

  const newServer = async (): Promise<string> => {
    const id = newId('srv');
    await database.db.insertInto('servers').values(serverRow(id)).execute();
    return id;
  };
  const at = (minutes: number) => new Date(Date.UTC(2026, 2, 1) + minutes * 60_000).toISOString();
  /** One that has ended, with as many bytes of output as it says. */
  const ended = (serverId: string, minutes: number, outputBytes = 0) => ({
    ...{
      id: newId('tsk'),
      type: 'test.work',
      serverId,
      status: 'failed',
      input: '{}',
      result: null,
      error: null,
    },
    ...{ cancelRequested: 0, exclusiveKey: null, outputBytes, createdBy: 'u_1', createdAt: at(minutes) },
    ...{ startedAt: null, finishedAt: at(minutes) },
  });
  const begin = async (serverId: string): Promise<string> => {
    const id = newId('tsk');
    await store.create({
      ...{
        id,
        type: 'test.work',
        serverId,
        exclusive: false,
        input: {},
        secrets: null,
        createdBy: 'u_1',
        createdAt: at(1_000),
      },
      steps: [{ id: 'only', title: 'Only' }],
    });
    return id;
  };
  const idsOn = async (serverId: string): Promise<string[]> =>
    (await store.list({ serverIds: null, serverId }, { limit: 1_000 })).tasks.map(({ id }) => id);

  it('are kept up to the newest 200, beside unfinished tasks and those of other servers', async () => {
    const [serverId, other] = [await newServer(), await newServer()];
    const waiting = { ...ended(serverId, 0), status: 'queued', finishedAt: null };
    const elsewhere = ended(other, 0);
    const rows = Array.from({ length: 202 }, (_, index) => ended(serverId, index + 1));
    await database.db
      .insertInto('tasks')
      .values([waiting, elsewhere, ...rows])
      .execute();
    const id = await begin(serverId);
    const kept = rows.slice(2).toReversed();
    expect(await idsOn(serverId)).toEqual([id, ...kept.map((row) => row.id), waiting.id]);
    expect(await idsOn(other)).toEqual([elsewhere.id]);
  });

  it('keep the newest 16 MiB of output, and older ones are marked as having none', async () => {
    const serverId = await newServer();
    const rows = [1, 2, 3, 4].map((minutes) => ended(serverId, minutes, 6 * MIB));
    await database.db.insertInto('tasks').values(rows).execute();
    await database.db
      .insertInto('taskOutputs')
      .values(
        rows.map(({ id, createdAt }) => ({ taskId: id, offset: 0, stepId: 'only', text: 'said', createdAt })),
      )
      .execute();
    await begin(serverId);
    const left = async ({ id }: { id: string }) => [
      (await store.find(id))?.outputBytes,
      (await store.output(id, 0, MIB)).pieces.length,
    ];
    expect(await Promise.all(rows.map(left))).toEqual([
      [0, 0],
      [0, 0],
      [6 * MIB, 1],
      [6 * MIB, 1],
    ]);
  });
});
