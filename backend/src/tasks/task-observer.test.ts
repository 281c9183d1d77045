// The task observer is called once for each ended task, however it ends.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import type { TaskKind } from './task-kind.ts';
import { gate, kindOf, step, untilStopped } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

type EndedTask = { type: string; status: string; durationMs: number | null };

describe('task observer', () => {
  let folder: TestFolder;
  let opened: TestTasks[];
  let reported: EndedTask[];
  beforeEach(() => {
    folder = makeTestFolder();
    opened = [];
    reported = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    folder.remove();
  });
  const open = async (kinds: TaskKind[], options: Parameters<typeof openTestTasks>[2] = {}) => {
    const all = await openTestTasks(folder, kinds, {
      ...options,
      observe: { ended: (task) => void reported.push(task) },
    });
    opened.push(all);
    return all;
  };
  const request = (serverId: string) => ({ serverId, input: {}, createdBy: 'u_1' });

  it('gets the type, outcome and duration of an ended task', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([step('one', async () => undefined), step('two', async () => undefined)]),
      kindOf(
        [
          step('fail', async () => {
            throw new AppError('refused', 'The server said no.');
          }),
        ],
        { type: 'test.failing' },
      ),
    ]);
    const serverId = await newServer();
    await ended((await tasks.start('test.work', request(serverId))).id);
    await ended((await tasks.start('test.failing', request(serverId))).id);
    expect(reported).toEqual([
      { type: 'test.work', status: 'succeeded', durationMs: expect.any(Number) },
      { type: 'test.failing', status: 'failed', durationMs: expect.any(Number) },
    ]);
    for (const { durationMs } of reported) expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  it('gets no duration for a task cancelled before it began', async () => {
    const started = gate();
    const { tasks, newServer, ended } = await open(
      [
        kindOf([
          step('wait', (context) => {
            started.open();
            return untilStopped(context);
          }),
        ]),
      ],
      { concurrency: 1 },
    );
    const running = await tasks.start('test.work', request(await newServer()));
    await started.passed;
    const queued = await tasks.start('test.work', request(await newServer()));
    const forgotten = await newServer();
    await tasks.start('test.work', request(forgotten));
    await tasks.cancel(queued.id);
    await tasks.cancelOnServer(forgotten);
    const neverBegan = { type: 'test.work', status: 'cancelled', durationMs: null };
    expect(reported).toEqual([neverBegan, neverBegan]);
    await tasks.cancel(running.id);
    await ended(running.id);
    expect(reported).toEqual([neverBegan, neverBegan, { ...neverBegan, durationMs: expect.any(Number) }]);
    await expect(tasks.cancel(running.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(reported).toHaveLength(3);
  });

  it('is not called when Buoy stops during a task, but once when the task ends after the next start', async () => {
    const started = gate();
    const kind = (run: Parameters<typeof step>[1]) => kindOf([step('wait', run)]);
    const first = await open([
      kind((context) => {
        started.open();
        return untilStopped(context);
      }),
    ]);
    const { id } = await first.tasks.start('test.work', request(await first.newServer()));
    await started.passed;
    await first.close();
    opened = [];
    expect(reported).toEqual([]);
    const second = await open([kind(async () => undefined)]);
    await second.ended(id);
    expect(reported).toEqual([{ type: 'test.work', status: 'succeeded', durationMs: expect.any(Number) }]);
  });

  it('gets "interrupted" for a task whose kind this version does not have', async () => {
    const started = gate();
    const first = await open([
      kindOf([
        step('wait', (context) => {
          started.open();
          return untilStopped(context);
        }),
      ]),
    ]);
    const { id } = await first.tasks.start('test.work', request(await first.newServer()));
    await started.passed;
    await first.close();
    opened = [];
    const second = await open([]);
    await second.ended(id);
    expect(reported).toMatchObject([{ type: 'test.work', status: 'interrupted' }]);
  });
});
