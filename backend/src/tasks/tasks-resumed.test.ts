import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { type TaskKind, taskStep } from './task-kind.ts';
import type { TasksStore } from './tasks.store.ts';
import { type FakeInput, gate, kindOf, step, untilStopped } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

describe('interrupted tasks', () => {
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
  const reopen = async (kinds: TaskKind[]) => {
    await opened.pop()?.close();
    return open(kinds);
  };
  const request = (serverId: string) => ({ serverId, input: {}, createdBy: 'u_1' });

  it('releases a running step at shutdown and resumes it at the next start with its state', async () => {
    const calls: unknown[] = [];
    const kind = kindOf([
      step('before', async () => void calls.push('before')),
      taskStep<FakeInput, { seen: number }>({
        id: 'long',
        title: 'Long',
        deadlineMs: 20_000,
        stateSchema: z.object({ seen: z.number().default(0) }),
        async run(context) {
          calls.push({ resumed: context.resumed, seen: context.state.seen });
          if (context.resumed) return { seen: context.state.seen };
          context.state.seen = 41;
          await context.saveState();
          context.output('one\n');
          context.state.seen = 42;
          return untilStopped(context);
        },
      }),
    ]);
    const first = await open([kind]);
    const { id } = await first.tasks.start('test.work', request(await first.newServer()));
    await first.taskWhen(id, (task) => task.steps[1]?.outputTail === 'one\n');
    const second = await reopen([kind]);
    expect(await second.ended(id)).toMatchObject({ status: 'succeeded', result: { seen: 42 } });
    expect(calls).toEqual(
      [1, { resumed: false, seen: 0 }, { resumed: true, seen: 42 }].with(0, 'before' as never),
    );
    expect((await second.tasks.output(id, 0)).text).toBe('one\n');
  });

  it('stops waiting for a step that ignores the shutdown, and resumes it at the next start', async () => {
    const hold = gate();
    let calls = 0;
    const kind = kindOf([
      step('deaf', async () => {
        calls += 1;
        if (calls === 1) await hold.passed;
        return calls;
      }),
    ]);
    const first = await open([kind], { drainMs: 50 });
    const { id } = await first.tasks.start('test.work', request(await first.newServer()));
    await first.taskWhen(id, (task) => task.status === 'running');
    const second = await reopen([kind]);
    expect(await second.ended(id)).toMatchObject({ status: 'succeeded', result: 2 });
    hold.open();
  });

  it('finishes cancelling a task that was running when Buoy stopped', async () => {
    const reasons: string[] = [];
    const kind = kindOf([
      step('clean', async (context) => {
        if (context.resumed) reasons.push((context.signal.reason as AppError).code);
        return untilStopped(context);
      }),
      step('later', async () => null),
    ]);
    const first = await open([kind]);
    const { id } = await first.tasks.start('test.work', request(await first.newServer()));
    await first.taskWhen(id, (task) => task.status === 'running');
    await first.tasks.close();
    await first.store.requestCancel(id, '2026-03-01T10:00:00.000Z');
    const second = await reopen([kind]);
    expect(await second.ended(id)).toMatchObject({ status: 'cancelled' });
    expect(reasons).toEqual(['cancelled']);
  });

  it('ends tasks of an unknown kind or with different steps as interrupted', async () => {
    const first = await open([
      kindOf([step('a', untilStopped)], { type: 'test.gone' }),
      kindOf([step('a', untilStopped)], { type: 'test.changed' }),
    ]);
    const serverId = await first.newServer();
    const gone = await first.tasks.start('test.gone', request(serverId));
    const changed = await first.tasks.start('test.changed', request(serverId));
    for (const { id } of [gone, changed]) await first.taskWhen(id, (task) => task.status === 'running');
    const second = await reopen([kindOf([step('b', async () => null)], { type: 'test.changed' })]);
    for (const { id } of [gone, changed])
      expect(await second.ended(id)).toMatchObject({ status: 'interrupted', error: { code: 'unsupported' } });
    await expect(second.tasks.retry(gone.id, 'u_1')).rejects.toMatchObject({ code: 'unsupported' });
    const again = await second.tasks.retry(changed.id, 'u_2');
    expect(await second.ended(again.id)).toMatchObject({ status: 'succeeded', createdBy: 'u_2', serverId });
  });

  it('resumes by itself after the database could not be written for a while', async () => {
    let calls = 0;
    let broken = false;
    const failing = (store: TasksStore): TasksStore => ({
      ...store,
      async write(id, change) {
        if (broken) throw new AppError('storage_full', "Buoy's disk is full; the change was not stored.");
        return store.write(id, change);
      },
    });
    const { tasks, newServer, ended, log } = await open(
      [
        kindOf([
          step('work', async (context) => {
            calls += 1;
            if (calls === 1) broken = true;
            context.output(`call ${calls}\n`);
            await context.saveState().finally(() => {
              broken = false;
            });
            return calls;
          }),
        ]),
      ],
      { wrapStore: failing },
    );
    const { id } = await tasks.start('test.work', request(await newServer()));
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: 2 });
    expect((await tasks.output(id, 0)).text).toBe('call 2\n');
    expect(log()).toContain('storage_full');
  });
});
