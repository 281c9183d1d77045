// The task engine on a real SQLite file, for tests; it can be closed and opened again on the same file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseHandle, openDatabase } from '../../db/database.ts';
import { provideMigratedSqlite } from '../../db/testing/migrated-databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { createKeptLogger } from '../../ssh/testing/kept-logger.ts';
import { createVault } from '../../vault/vault.ts';
import { createEmbeddedEngine } from '../embedded-engine.ts';
import type { TaskKind } from '../task-kind.ts';
import type { TaskObserver } from '../task-observer.ts';
import { createTasksStore, type TasksStore } from '../tasks.store.ts';
import { createTasks, type Tasks } from '../tasks.ts';

export type TestTasks = {
  tasks: Tasks;
  store: TasksStore;
  /** All that was logged. */
  log(): string;
  newServer(): Promise<string>;
  deleteServer(id: string): Promise<void>;
  /** The task once `condition` holds; fails when that takes too long. */
  taskWhen(
    id: string,
    condition: (task: Awaited<ReturnType<Tasks['find']>>) => boolean,
  ): ReturnType<Tasks['find']>;
  /** The task once it has ended. */
  ended(id: string): ReturnType<Tasks['find']>;
  close(): Promise<void>;
};

export type TestFolder = { path: string; database: string; remove(): void };

export function makeTestFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'buoy-tasks-'));
  return {
    path,
    database: join(path, 'buoy.db'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Opens the database, makes the engine and begins to work. */
export async function openTestTasks(
  folder: TestFolder,
  kinds: readonly TaskKind[],
  options: {
    concurrency?: number;
    perOwner?: number;
    drainMs?: number;
    wrapStore?: (store: TasksStore) => TasksStore;
    /** How long `taskWhen` and `ended` wait. */
    patienceMs?: number;
    clock?: Clock;
    observe?: TaskObserver;
    mayStart?: (userId: string, serverId: string) => Promise<boolean>;
    /** Opened and closed by the test: two connections of one process that write wait for each other in vain. */
    database?: DatabaseHandle;
  } = {},
): Promise<TestTasks> {
  const {
    wrapStore = (store: TasksStore) => store,
    patienceMs = 10_000,
    clock = systemClock,
    observe,
    mayStart = async () => true,
    database: shared,
    ...limits
  } = options;
  await provideMigratedSqlite(folder.database);
  const database = shared ?? (await openDatabase({ engine: 'sqlite', file: folder.database }));
  const store = wrapStore(createTasksStore(database));
  const { logger, text } = createKeptLogger();
  const engine = createEmbeddedEngine({ queue: store.queue, clock, logger, ...limits });
  const tasks = createTasks({
    store,
    engine,
    kinds,
    mayStart,
    vault: createVault([{ id: 'test', key: Buffer.alloc(32, 7) }]),
    clock,
    logger,
    ...(observe === undefined ? {} : { observe }),
  });
  await tasks.open();

  const taskWhen: TestTasks['taskWhen'] = async (id, condition) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), patienceMs);
    try {
      for await (const _ of tasks.events(id, { signal: controller.signal })) {
        const task = await tasks.find(id);
        if (condition(task)) return task;
      }
      throw new Error(`The task did not become so in time: ${JSON.stringify(await tasks.find(id))}`);
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  };
  return {
    tasks,
    store,
    log: text,
    async newServer() {
      const id = newId('srv');
      await database.db.insertInto('servers').values(serverRow(id)).execute();
      return id;
    },
    async deleteServer(id) {
      await database.db.deleteFrom('servers').where('id', '=', id).execute();
    },
    taskWhen,
    ended: (id) => taskWhen(id, (task) => task.finishedAt !== null),
    async close() {
      await tasks.close();
      if (shared === undefined) await database.close();
    },
  };
}
