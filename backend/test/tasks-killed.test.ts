import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { openDatabase } from '../src/db/database.ts';
import { isoTime } from '../src/lib/clock.ts';
import { newId } from '../src/lib/ids.ts';
import { createTasksStore, type TasksStore } from '../src/tasks/tasks.store.ts';
import { unitsKind } from '../src/tasks/testing/task-worker.ts';
import { makeTestFolder, type TestFolder } from '../src/tasks/testing/test-tasks.ts';

const workerFile = fileURLToPath(new URL('../src/tasks/testing/task-worker.ts', import.meta.url));
const wholeOutput = (units: number) =>
  ['begin\n', ...Array.from({ length: units }, (_, i) => `unit ${i} ✓\n`), 'end\n'].join('');

describe('tasks of a Buoy that is killed with SIGKILL', () => {
  let folder: TestFolder;
  const workers: ChildProcess[] = [];
  beforeEach(() => {
    folder = makeTestFolder();
  });
  afterEach(() => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    folder.remove();
  });

  const startWorker = () => {
    const worker = spawn(process.execPath, [workerFile, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    workers.push(worker);
    return { worker, exited: once(worker, 'exit') };
  };
  const kill = async ({ worker, exited }: ReturnType<typeof startWorker>) => {
    worker.kill('SIGKILL');
    await exited;
  };
  const withStore = async <T>(use: (store: TasksStore) => Promise<T>): Promise<T> => {
    const database = await openDatabase({ engine: 'sqlite', file: folder.database });
    try {
      return await use(createTasksStore(database));
    } finally {
      await database.close();
    }
  };
  const createTask = (input: { units: number; unitMs: number }) =>
    withStore(async (store) => {
      const id = newId('tsk');
      await store.create({
        id,
        type: 'test.units',
        serverId: null,
        exclusive: false,
        input,
        secrets: null,
        createdBy: 'u_1',
        createdAt: isoTime(Date.now()),
        steps: unitsKind.steps,
      });
      return id;
    });
  const outcomeOf = (id: string) =>
    withStore(async (store) => ({
      task: await store.find(id),
      output: (await store.output(id, 0, 1_000_000)).pieces.map((piece) => piece.text).join(''),
    }));
  const effects = () => readFileSync(join(folder.path, 'effects'), 'utf8').trimEnd().split('\n');

  it('resume where they were, without repeated steps or lost or doubled output', async () => {
    const id = await createTask({ units: 40, unitMs: 10 });
    const first = startWorker();
    for await (const line of createInterface({ input: first.worker.stdout! }))
      if (line.includes('unit 15')) break;
    await kill(first);

    const between = await outcomeOf(id);
    expect(between.task).toMatchObject({
      status: 'running',
      steps: [{ status: 'succeeded' }, { status: 'running' }, {}],
    });

    const [code] = await startWorker().exited;
    expect(code).toBe(0);
    const { task, output } = await outcomeOf(id);
    expect(task).toMatchObject({ status: 'succeeded', result: { done: 40 } });
    expect(output).toBe(wholeOutput(40));
    expect(effects()).toEqual(['first', 'units', 'units', 'last']);
  });

  it('succeed after any series of kills', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 350, max: 1_000 }), { minLength: 2, maxLength: 5 }),
        async (lives) => {
          const ids: string[] = [];
          for (let i = 0; i < 3; i += 1) ids.push(await createTask({ units: 30, unitMs: 20 }));
          for (const lifeMs of lives) {
            const life = startWorker();
            await sleep(lifeMs);
            await kill(life);
          }
          const [code] = await startWorker().exited;
          expect(code).toBe(0);
          for (const id of ids) {
            const { task, output } = await outcomeOf(id);
            expect(task).toMatchObject({ status: 'succeeded', result: { done: 30 } });
            expect(output).toBe(wholeOutput(30));
          }
        },
      ),
      { numRuns: isLongRun ? 4 : 2, endOnFailure: true },
    );
  }, 60_000);
});
