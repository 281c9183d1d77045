// Tasks that undo themselves: what happens when a step fails after which a server would be left half changed.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { TaskKind } from './task-kind.ts';
import { gate, kindOf, step, untilStopped } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

describe('tasks that undo themselves', () => {
  let folder: TestFolder;
  let opened: TestTasks[];
  let calls: string[];
  let limits: { concurrency?: number; perOwner?: number };
  beforeEach(() => {
    limits = {};
    folder = makeTestFolder();
    opened = [];
    calls = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    folder.remove();
  });
  const open = async (kind: TaskKind, ...more: TaskKind[]) => {
    const all = await openTestTasks(folder, [kind, ...more], limits);
    opened.push(all);
    return all;
  };
  const reopen = async (kind: TaskKind) => {
    await opened.pop()?.close();
    return open(kind);
  };
  const start = async ({ tasks, newServer }: TestTasks) =>
    tasks.start('test.work', { serverId: await newServer(), input: {}, createdBy: 'u_1' });
  type Run = Parameters<typeof step>[1];
  const fail: Run = async () => {
    throw new AppError('not_ready', 'It does not start.', { hint: 'Look at its log.' });
  };
  /** Prepares, changes from `stop` on, and undoes. */
  const undoing = (runs: Partial<Record<'prepare' | 'stop' | 'swap' | 'rollback', Run>>): TaskKind => {
    const named = (id: 'prepare' | 'stop' | 'swap' | 'rollback') =>
      step(id, async (context) => {
        calls.push(id);
        return runs[id]?.(context) ?? { by: id };
      });
    return kindOf([named('prepare'), named('stop'), named('swap'), named('rollback')], {
      rollback: { stepId: 'rollback', from: 'stop' },
    });
  };

  it('end without it when all is well, with the result of the step before', async () => {
    const all = await open(undoing({}));
    expect(await all.ended((await start(all)).id)).toMatchObject({
      status: 'succeeded',
      progress: 1,
      result: { by: 'swap' },
      steps: [{}, {}, { status: 'succeeded' }, { id: 'rollback', status: 'skipped', startedAt: null }],
    });
    expect(calls).toEqual(['prepare', 'stop', 'swap']);
  });

  it('undo a change also when they are found to be no longer wanted in its middle, which is a failure', async () => {
    const withdraw: Run = async () => {
      throw new AppError('withdrawn', 'Nobody wants it any more.');
    };
    const all = await open(undoing({ swap: withdraw }));
    expect(await all.ended((await start(all)).id)).toMatchObject({
      ...{ status: 'failed', error: { code: 'withdrawn' } },
    });
    expect(calls).toEqual(['prepare', 'stop', 'swap', 'rollback']);
  });

  it('undo the change when a step fails, and end as failed with its error and the result of the rollback', async () => {
    const all = await open(undoing({ swap: fail, rollback: async () => ({ rolledBack: true }) }));
    expect(await all.ended((await start(all)).id)).toMatchObject({
      status: 'failed',
      error: {
        code: 'not_ready',
        message: 'It does not start. All changes were undone.',
        hint: 'Look at its log.',
      },
      result: { rolledBack: true },
      steps: [
        { status: 'succeeded' },
        { status: 'succeeded' },
        { status: 'failed', detail: 'It does not start.' },
        { status: 'succeeded' },
      ],
    });
  });

  it('undo nothing when a step fails before the first change', async () => {
    const all = await open(undoing({ prepare: fail }));
    expect(await all.ended((await start(all)).id)).toMatchObject({ status: 'failed', result: null });
    expect(calls).toEqual(['prepare']);
  });

  describe('of a kind that removes what it has prepared', () => {
    const removing = (kind: TaskKind): TaskKind => ({
      ...kind,
      async onEndedEarly({ stepId, failure, resultOf, signal }) {
        signal.throwIfAborted();
        const prepared = stepId === 'prepare' ? null : resultOf('prepare', z.object({ by: z.string() })).by;
        calls.push(`removed at ${stepId} with ${prepared} after ${failure?.code ?? 'a cancel'}`);
      },
    });

    it('have that done when a step fails before the first change', async () => {
      const all = await open(removing(undoing({ prepare: fail })));
      expect(await all.ended((await start(all)).id)).toMatchObject({ status: 'failed', result: null });
      expect(calls).toEqual(['prepare', 'removed at prepare with null after not_ready']);
    });

    it('have that done when they are cancelled in a step before it, also after a restart', async () => {
      const kind = removing(undoing({ prepare: untilStopped }));
      const first = await open(kind);
      const { id } = await start(first);
      await first.taskWhen(id, ({ steps }) => steps[0]?.status === 'running');
      const second = await reopen(kind);
      expect(calls).toEqual(['prepare']);
      await second.tasks.cancel(id);
      expect(await second.ended(id)).toMatchObject({ status: 'cancelled', result: null });
      expect(calls).toEqual(['prepare', 'prepare', 'removed at prepare with null after a cancel']);
    });

    it('have that done when they are cancelled between two steps before it', async () => {
      const all = await open(
        removing(
          undoing({
            async prepare({ taskId }) {
              await all.tasks.cancel(taskId);
              return { by: 'prepare' };
            },
          }),
        ),
      );
      expect(await all.ended((await start(all)).id)).toMatchObject({
        status: 'cancelled',
        steps: [
          { status: 'succeeded' },
          { status: 'cancelled' },
          { status: 'cancelled' },
          { status: 'cancelled' },
        ],
      });
      expect(calls).toEqual(['prepare', 'removed at stop with prepare after a cancel']);
    });

    it('do not when the rollback follows, nor when all went well', async () => {
      const undone = await open(removing(undoing({ swap: fail })));
      await undone.ended((await start(undone)).id);
      expect(calls).toEqual(['prepare', 'stop', 'swap', 'rollback']);
      calls.length = 0;
      const done = await reopen(removing(undoing({})));
      expect(await done.ended((await start(done)).id)).toMatchObject({ status: 'succeeded' });
      expect(calls).toEqual(['prepare', 'stop', 'swap']);
    });
  });

  it('undo the change when they are cancelled, and a second cancel does not stop that', async () => {
    const hold = gate();
    const all = await open(
      undoing({
        swap: untilStopped,
        async rollback(context) {
          await hold.passed;
          context.signal.throwIfAborted();
          return { rolledBack: true };
        },
      }),
    );
    const { id } = await start(all);
    await all.taskWhen(id, ({ steps }) => steps[2]?.status === 'running');
    await all.tasks.cancel(id);
    await all.taskWhen(id, ({ steps }) => steps[3]?.status === 'running');
    await all.tasks.cancel(id);
    hold.open();
    expect(await all.ended(id)).toMatchObject({
      status: 'cancelled',
      result: { rolledBack: true },
      steps: [{}, {}, { status: 'cancelled' }, { status: 'succeeded' }],
    });
  });

  it('undo the change when they are cancelled between two steps', async () => {
    const all = await open(
      undoing({
        async stop({ taskId }) {
          await all.tasks.cancel(taskId);
          return null;
        },
      }),
    );
    expect(await all.ended((await start(all)).id)).toMatchObject({ status: 'cancelled' });
    expect(calls).toEqual(['prepare', 'stop', 'rollback']);
  });

  it('name both causes when the rollback fails as well', async () => {
    const all = await open(
      undoing({
        swap: fail,
        async rollback() {
          throw new AppError('disk_full', 'The disk is full.', { hint: 'Free some space.' });
        },
      }),
    );
    expect(await all.ended((await start(all)).id)).toMatchObject({
      status: 'failed',
      error: {
        code: 'not_ready',
        message: 'It does not start. The rollback failed as well: The disk is full.',
        hint: 'Free some space.',
      },
      steps: [{}, {}, { status: 'failed' }, { status: 'failed', detail: 'The disk is full.' }],
    });
  });

  it('undo the change when they are cancelled while they wait for a place after a restart', async () => {
    const other = kindOf([step('hold', untilStopped)], { type: 'test.other' });
    const kind = undoing({ swap: untilStopped });
    const first = await open(kind, other);
    const request = { serverId: await first.newServer(), input: {}, createdBy: 'u_1' };
    const holding = await first.tasks.start('test.other', request);
    const { id } = await start(first);
    await first.taskWhen(id, ({ steps }) => steps[2]?.status === 'running');
    await opened.pop()?.close();
    limits = { concurrency: 1, perOwner: 1 };
    const second = await open(kind, other);
    await second.tasks.cancel(id);
    await second.tasks.cancel(holding.id);
    expect(await second.ended(id)).toMatchObject({
      status: 'cancelled',
      steps: [{}, {}, {}, { status: 'succeeded' }],
    });
  });

  it('go on with the rollback after a restart, also of a cancelled task', async () => {
    for (const cancelled of [false, true]) {
      calls.length = 0;
      let times = 0;
      const kind = undoing({
        swap: cancelled ? untilStopped : fail,
        async rollback(context) {
          times += 1;
          return times === 1 ? untilStopped(context) : { resumed: context.resumed };
        },
      });
      const first = await open(kind);
      const { id } = await start(first);
      if (cancelled) {
        await first.taskWhen(id, ({ steps }) => steps[2]?.status === 'running');
        await first.tasks.cancel(id);
      }
      await first.taskWhen(id, ({ steps }) => steps[3]?.status === 'running');
      const second = await reopen(kind);
      expect(await second.ended(id)).toMatchObject({
        status: cancelled ? 'cancelled' : 'failed',
        error: cancelled ? null : { code: 'not_ready', hint: 'Look at its log.' },
        result: { resumed: true },
      });
      expect(calls).toEqual(['prepare', 'stop', 'swap', 'rollback', 'rollback']);
    }
  });
});
