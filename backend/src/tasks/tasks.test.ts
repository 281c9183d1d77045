import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { skipped, type TaskKind } from './task-kind.ts';
import { gate, kindOf, step, untilStopped } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

describe('tasks', () => {
  let folder: TestFolder;
  let opened: TestTasks[];
  beforeEach(() => {
    folder = makeTestFolder();
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    folder.remove();
  });
  const open = async (kinds: TaskKind[], options?: Parameters<typeof openTestTasks>[2]) => {
    const all = await openTestTasks(folder, kinds, options);
    opened.push(all);
    return all;
  };
  const request = (serverId: string) => ({ serverId, input: {}, createdBy: 'u_1' });

  it('shows a step that found its work done as skipped, with the reason, and passes its result on', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('install', async () => skipped('It is there already.', { version: '24' })),
        step('use', async (context) => context.resultOf('install', z.object({ version: z.string() }))),
        step('check', async () => skipped('Checked before.', { ok: true })),
      ]),
    ]);
    const started = await tasks.start('test.work', request(await newServer()));
    expect(await ended(started.id)).toMatchObject({
      status: 'succeeded',
      progress: 1,
      result: { ok: true },
      steps: [
        { status: 'skipped', detail: 'It is there already.' },
        { status: 'succeeded' },
        { status: 'skipped', detail: 'Checked before.' },
      ],
    });
  });

  it('runs the steps in order, passes results on, and uses the last one as the result of the task', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('check', async (context) => {
          context.detail('checking the disk');
          context.output(`said ${context.input.words}\n`);
          return { count: 2 };
        }),
        step('act', async (context) => {
          const { count } = context.resultOf('check', z.object({ count: z.number() }));
          return { doubled: count * 2 };
        }),
      ]),
    ]);
    const serverId = await newServer();
    const started = await tasks.start('test.work', { serverId, input: { words: 'hello' }, createdBy: 'u_7' });
    expect(started).toMatchObject({
      type: 'test.work',
      serverId,
      status: 'queued',
      progress: 0,
      createdBy: 'u_7',
    });
    const task = await ended(started.id);
    expect(task).toMatchObject({
      status: 'succeeded',
      progress: 1,
      result: { doubled: 4 },
      error: null,
      steps: [
        {
          id: 'check',
          title: 'Step check',
          status: 'succeeded',
          detail: 'checking the disk',
          outputTail: 'said hello\n',
        },
        { id: 'act', status: 'succeeded' },
      ],
    });
    expect(await tasks.output(started.id, 0)).toEqual({
      offset: 0,
      nextOffset: 11,
      text: 'said hello\n',
      complete: true,
    });
    expect(await tasks.active({ serverIds: null })).toBeNull();
  });

  it('masks secrets in the output of a step', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('say', async ({ output }) => {
          output('npm error proxy http://ada:Hunter2@proxy:3128\nOPENAI_API_KEY=Hunter2 openclaw\n');
        }),
      ]),
    ]);
    const { id } = await tasks.start('test.work', {
      ...{ serverId: await newServer(), input: { words: '' }, createdBy: 'u_1' },
    });
    const { steps } = await ended(id);
    const shown =
      'npm error proxy http://ada:[redacted]@proxy:3128\nOPENAI_API_KEY=[redacted] openclaw\n'.replaceAll(
        '[redacted]',
        '***',
      );
    expect((await tasks.output(id, 0)).text).toBe(shown);
    expect(steps[0]?.outputTail).toBe(shown);
  });

  it('fails with the error of the step, and skips the later steps', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('fail', async () => {
          throw new AppError('refused', 'The server said no.', { hint: 'Ask it nicely.' });
        }),
        step('never', async () => 'ran'),
      ]),
    ]);
    const task = await ended((await tasks.start('test.work', request(await newServer()))).id);
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'The server said no.', hint: 'Ask it nicely.' },
      result: null,
      progress: 0,
      steps: [
        { status: 'failed', detail: 'The server said no.' },
        { status: 'skipped', startedAt: null },
      ],
    });
  });

  it('ends as cancelled, and says why, when a step finds that it is no longer wanted', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('ask', async () => {
          throw new AppError('withdrawn', 'The window has closed.', { hint: 'It opens again.' });
        }),
        step('never', async () => 'ran'),
      ]),
    ]);
    const task = await ended((await tasks.start('test.work', request(await newServer()))).id);
    expect(task).toMatchObject({
      status: 'cancelled',
      error: { code: 'withdrawn', message: 'The window has closed.', hint: 'It opens again.' },
      steps: [
        { status: 'cancelled', detail: 'The window has closed.' },
        { status: 'cancelled', startedAt: null },
      ],
    });
  });

  it('hides an unexpected error from people and logs it', async () => {
    const { tasks, newServer, ended, log } = await open([
      kindOf([
        step('fail', async () => {
          throw new TypeError('x is not a function');
        }),
      ]),
    ]);
    const task = await ended((await tasks.start('test.work', request(await newServer()))).id);
    expect(task.error).toMatchObject({ code: 'internal', message: expect.stringContaining('Step fail') });
    expect(JSON.stringify(task)).not.toContain('is not a function');
    expect(log()).toContain('x is not a function');
  });

  it('lets a task kind act on its failure before it ends, and keeps what that says in the output', async () => {
    const { tasks, newServer, ended } = await open([
      kindOf(
        [
          step('fail', async (context) => {
            context.output('before\n');
            throw new AppError('refused', 'No.');
          }),
        ],
        {
          async onEndedEarly({ stepId, failure, output }) {
            output(`${stepId}: ${failure?.message}\n`);
            throw new Error('that failed too');
          },
        },
      ),
    ]);
    const task = await ended((await tasks.start('test.work', request(await newServer()))).id);
    expect(task.error?.message).toBe('No.');
    expect((await tasks.output(task.id, 0)).text).toBe('before\nfail: No.\n');
  });

  it('stops a step at its deadline', async () => {
    const { tasks, newServer, ended } = await open([kindOf([step('wait', untilStopped, 50)])]);
    const task = await ended((await tasks.start('test.work', request(await newServer()))).id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'deadline' } });
  });

  it('reports the progress of a running step', async () => {
    const hold = gate();
    const { tasks, newServer, taskWhen, ended } = await open([
      kindOf([
        step('half', async (context) => {
          context.progress(0.5);
          await hold.passed;
        }),
        step('rest', async () => null),
      ]),
    ]);
    const { id } = await tasks.start('test.work', request(await newServer()));
    await taskWhen(id, (task) => task.progress === 0.25);
    hold.open();
    expect((await ended(id)).progress).toBe(1);
  });

  it('cancels a running step and never starts the later ones', async () => {
    let later = 0;
    const { tasks, newServer, taskWhen, ended } = await open([
      kindOf([step('wait', untilStopped), step('later', async () => (later += 1))]),
    ]);
    const { id } = await tasks.start('test.work', request(await newServer()));
    await taskWhen(id, (task) => task.steps[0]?.status === 'running');
    await tasks.cancel(id);
    expect(await ended(id)).toMatchObject({
      status: 'cancelled',
      error: null,
      steps: [{ status: 'cancelled' }, { status: 'cancelled' }],
    });
    expect(later).toBe(0);
    await expect(tasks.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(tasks.cancel('tsk_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cancels a queued task before it ever runs', async () => {
    let ran = 0;
    const { tasks, newServer, taskWhen, ended } = await open(
      [
        kindOf([step('wait', untilStopped)]),
        kindOf([step('run', async () => (ran += 1))], { type: 'test.other' }),
      ],
      { concurrency: 1 },
    );
    const serverId = await newServer();
    const first = await tasks.start('test.work', request(serverId));
    await taskWhen(first.id, (task) => task.status === 'running');
    const second = await tasks.start('test.other', request(serverId));
    expect((await tasks.cancel(second.id)).status).toBe('cancelled');
    await tasks.cancel(first.id);
    await ended(first.id);
    const third = await tasks.start('test.other', request(serverId));
    await ended(third.id);
    expect(ran).toBe(1);
  });

  it('keeps a step that finished before it could be cancelled', async () => {
    const hold = gate();
    const { tasks, newServer, taskWhen, ended } = await open([
      kindOf([
        step('stubborn', async () => {
          await hold.passed;
          return 'done all the same';
        }),
      ]),
    ]);
    const { id } = await tasks.start('test.work', request(await newServer()));
    await taskWhen(id, (task) => task.status === 'running');
    await tasks.cancel(id);
    hold.open();
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: 'done all the same' });
  });

  it('runs no more tasks at once than the limit', async () => {
    let now = 0;
    let most = 0;
    const hold = gate();
    const work = kindOf([
      step('count', async () => {
        now += 1;
        most = Math.max(most, now);
        if (most === 3) hold.open();
        await hold.passed;
        now -= 1;
      }),
    ]);
    const { tasks, newServer, ended } = await open([work], { concurrency: 3 });
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) ids.push((await tasks.start('test.work', request(await newServer()))).id);
    for (const id of ids) expect((await ended(id)).status).toBe('succeeded');
    expect(most).toBe(3);
  });

  it('runs a task of another person while one person has more tasks than their share', async () => {
    const hold = gate();
    const work = kindOf([step('wait', () => hold.passed)]);
    const { tasks, newServer, taskWhen, ended } = await open([work], { concurrency: 4, perOwner: 2 });
    const ids: string[] = [];
    for (let i = 0; i < 6; i += 1) ids.push((await tasks.start('test.work', request(await newServer()))).id);
    const other = await tasks.start('test.work', { ...request(await newServer()), createdBy: 'u_2' });
    await taskWhen(other.id, (task) => task.status === 'running');
    expect((await tasks.list({ serverIds: null, status: 'running', limit: 50 })).tasks).toHaveLength(3);
    hold.open();
    for (const id of [...ids, other.id]) expect((await ended(id)).status).toBe('succeeded');
  });

  it('gives a free slot to the person with the fewest running tasks, however long others have waited', async () => {
    const holds = new Map(['a', 'b', 'c'].map((words) => [words, gate()]));
    const started: string[] = [];
    const work = kindOf([
      step('wait', async ({ input }) => {
        started.push(input.words);
        await holds.get(input.words)?.passed;
      }),
    ]);
    const { tasks, newServer, ended } = await open([work], { concurrency: 2, perOwner: 2 });
    const start = async (words: string, createdBy: string) =>
      (await tasks.start('test.work', { serverId: await newServer(), input: { words }, createdBy })).id;
    const ids = [
      await start('a', 'u_1'),
      await start('b', 'u_1'),
      await start('later', 'u_1'),
      await start('c', 'u_2'),
    ];
    holds.get('a')?.open();
    await ended(ids[0]!);
    for (const hold of holds.values()) hold.open();
    for (const id of ids) await ended(id);
    expect(started).toEqual(['a', 'b', 'c', 'later']);
  });

  it('says how many more tasks of a person would begin at once', async () => {
    const hold = gate();
    const work = kindOf([step('wait', () => hold.passed)]);
    const { tasks, newServer, taskWhen, ended } = await open([work], { concurrency: 4, perOwner: 2 });
    const start = async (createdBy: string) =>
      (await tasks.start('test.work', { ...request(await newServer()), createdBy })).id;
    const free = () => ['u_1', 'u_2', 'u_3'].map((person) => tasks.freeSlots(person));
    expect(free()).toEqual([2, 2, 2]);
    const ids = [await start('u_1'), await start('u_1')];
    expect(free()).toEqual([0, 2, 2]);
    // One that waits takes none from others.
    ids.push(await start('u_1'), await start('u_2'));
    expect(free()).toEqual([0, 1, 1]);
    ids.push(await start('u_2'));
    // Whoever has none running gets one beyond them all.
    expect(free()).toEqual([0, 0, 1]);
    await taskWhen(ids.at(-1)!, (task) => task.status === 'running');
    hold.open();
    for (const id of ids) await ended(id);
  });

  it('creates one task of 50 that are started at once', async () => {
    let runs = 0;
    const hold = gate();
    const { tasks, newServer, ended } = await open([
      kindOf([
        step('once', async () => {
          runs += 1;
          await hold.passed;
        }),
      ]),
    ]);
    const serverId = await newServer();
    const starts = await Promise.allSettled(
      Array.from({ length: 50 }, () => tasks.start('test.work', request(serverId))),
    );
    const ids = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value.id] : []));
    expect(ids).toHaveLength(1);
    for (const start of starts)
      if (start.status === 'rejected') expect(start.reason).toMatchObject({ details: { taskId: ids[0] } });
    hold.open();
    await ended(ids[0]!);
    expect(runs).toBe(1);
  });

  it('refuses to repeat a task that runs or has succeeded', async () => {
    const hold = gate();
    const { tasks, newServer, ended } = await open([kindOf([step('a', () => hold.passed)])]);
    const { id } = await tasks.start('test.work', request(await newServer()));
    await expect(tasks.retry(id, 'u_1')).rejects.toMatchObject({ code: 'conflict' });
    hold.open();
    await ended(id);
    await expect(tasks.retry(id, 'u_1')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('checks the input before anything is stored', async () => {
    const { tasks, newServer } = await open([kindOf([step('a', async () => null)])]);
    const serverId = await newServer();
    await expect(
      tasks.start('test.work', { serverId, input: { words: 7 }, createdBy: 'u_1' }),
    ).rejects.toMatchObject({ code: 'invalid_request', details: [{ path: 'words' }] });
    expect(await tasks.activeOnServer(serverId, null)).toEqual([]);
  });

  it('stops the running task of a deleted server', async () => {
    const stopped = gate();
    const { tasks, newServer, deleteServer, taskWhen } = await open([
      kindOf([
        step('talk', async (context) => {
          context.signal.addEventListener('abort', stopped.open);
          for (;;) {
            context.signal.throwIfAborted();
            context.output('.');
            await context.saveState();
          }
        }),
      ]),
    ]);
    const serverId = await newServer();
    const { id } = await tasks.start('test.work', request(serverId));
    await taskWhen(id, (task) => task.status === 'running');
    await deleteServer(serverId);
    await stopped.passed;
    await expect(tasks.find(id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(tasks.serverIdOf(id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
