// A queued task begins only while its author may start it, and a running one changes nothing more.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskKind } from './task-kind.ts';
import { kindOf, step } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

let folder: TestFolder;
let opened: TestTasks;
let ran: string[];
beforeEach(() => {
  folder = makeTestFolder();
  ran = [];
});
afterEach(async () => {
  await opened.close();
  folder.remove();
});

const open = async (mayStart: (userId: string, serverId: string) => Promise<boolean>) => {
  const work = kindOf([step('work', async () => void ran.push('work'))]);
  opened = await openTestTasks(folder, [work], { mayStart });
  return opened;
};

describe('a queued task', () => {
  it('ends as cancelled, with the reason, when its author may not start it any more', async () => {
    const asked: string[][] = [];
    const { tasks, newServer, ended } = await open(async (...about) => {
      asked.push(about);
      return false;
    });
    const serverId = await newServer();
    const { id } = await tasks.start('test.work', { serverId, input: {}, createdBy: 'u_1' });
    expect(await ended(id)).toMatchObject({
      status: 'cancelled',
      error: { code: 'forbidden', hint: expect.any(String) },
      steps: [{ status: 'cancelled', startedAt: null }],
    });
    expect(asked).toEqual([['u_1', serverId]]);
    expect(ran).toEqual([]);
  });

  it('begins when its author may start it, and is asked about once', async () => {
    let asked = 0;
    const { tasks, newServer, ended } = await open(async () => {
      asked += 1;
      return true;
    });
    const { id } = await tasks.start('test.work', {
      serverId: await newServer(),
      input: {},
      createdBy: 'u_1',
    });
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect([asked, ran]).toEqual([1, ['work']]);
  });

  it('without a server is the work of Buoy itself, and nobody is asked', async () => {
    const { tasks, ended } = await open(async () => expect.unreachable());
    const { id } = await tasks.start('test.work', { serverId: null, input: {}, createdBy: 'system' });
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect(ran).toEqual(['work']);
  });
});

describe('a running task', () => {
  /** Kinds of two steps; the author loses the right in the first one. */
  const losing = async (kind: Partial<TaskKind>) => {
    let mayStart = true;
    const work = {
      ...kindOf([
        step('first', async () => {
          ran.push('first');
          mayStart = false;
        }),
        step('second', async ({ expectAllowed }) => {
          await expectAllowed();
          ran.push('second');
        }),
      ]),
      ...kind,
    };
    opened = await openTestTasks(folder, [work], { mayStart: async () => mayStart });
    const { tasks, newServer, ended } = opened;
    const { id } = await tasks.start('test.work', {
      ...{ serverId: await newServer(), input: {}, createdBy: 'u_1' },
    });
    return ended(id);
  };

  it('does not go on with its next step when its author may not start it any more', async () => {
    expect(await losing({})).toMatchObject({
      ...{ status: 'failed', error: { code: 'forbidden', hint: expect.any(String) } },
      steps: [{ status: 'succeeded' }, { status: 'failed' }],
    });
    expect(ran).toEqual(['first']);
  });

  it('removes what it has prepared when it ends that way, and would be asked about again after a kill', async () => {
    let second: string | undefined;
    await losing({
      async onEndedEarly({ taskId }) {
        ran.push('removed');
        second = (await opened.tasks.find(taskId)).steps[1]?.status;
      },
    });
    expect(ran).toEqual(['first', 'removed']);
    expect(second).toBe('pending');
  });

  it('is run again when the right could not be asked for, because the database did not answer', async () => {
    let asked = 0;
    const work = kindOf([
      step('work', async ({ expectAllowed }) => {
        await expectAllowed();
        ran.push('work');
      }),
    ]);
    opened = await openTestTasks(folder, [work], {
      async mayStart() {
        asked += 1;
        if (asked === 2) throw new Error('The database does not answer.');
        return true;
      },
    });
    const { tasks, newServer, ended } = opened;
    const { id } = await tasks.start('test.work', {
      ...{ serverId: await newServer(), input: {}, createdBy: 'u_1' },
    });
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect(ran).toEqual(['work']);
  });

  it('goes on where a stop would leave the server half changed', async () => {
    expect(await losing({ continuesFrom: 'first' })).toMatchObject({ status: 'succeeded' });
    expect(ran).toEqual(['first', 'second']);
  });

  it('begins nothing after a wait for its server when the right has ended meanwhile', async () => {
    let mayStart = true;
    const work = kindOf([
      step('work', async ({ expectAllowed }) => {
        // As it waits for its server.
        mayStart = false;
        await expectAllowed();
        ran.push('work');
      }),
    ]);
    opened = await openTestTasks(folder, [work], { mayStart: async () => mayStart });
    const { tasks, newServer, ended } = opened;
    const { id } = await tasks.start('test.work', {
      ...{ serverId: await newServer(), input: {}, createdBy: 'u_1' },
    });
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(ran).toEqual([]);
  });
});
