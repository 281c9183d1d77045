import type { Task, TaskStatus } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { readSetupTasks, type SetupTasks } from './setup-task-queries.ts';

const setup = (serverId: string, status: TaskStatus, minute = 1, type = 'setup') =>
  ({
    ...{ id: `tsk_${serverId}_${minute}`, type, serverId, status },
    createdAt: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`,
  }) as Task;

/** What Buoy has, newest first. */
let tasks: Task[];
let asked: string[];

const api = {
  call: (async (key: string, { params, query }: { params?: { id: string }; query?: { status: string } }) => {
    asked.push(params?.id ?? `${key} ${query?.status}`);
    if (params === undefined) return { tasks: tasks.filter(({ status }) => status === query?.status) };
    const task = tasks.find(({ id }) => id === params.id);
    if (task === undefined) throw new ApiError(404, { error: 'There is no such task.', code: 'not_found' });
    return { task };
  }) as unknown,
} as Pick<Api, 'call'>;

beforeEach(() => {
  tasks = [];
  asked = [];
});

const read = (before: SetupTasks | null = null, started: Task[] = []) =>
  readSetupTasks(api, before, started, new AbortController().signal);
const statuses = (found: SetupTasks) =>
  Object.fromEntries([...found].map(([server, { status }]) => [server, status]));

describe('the setups of several servers', () => {
  it('are found after a reload: the running, waiting and failed ones, and no other task', async () => {
    tasks = [
      ...[setup('a', 'running', 5), setup('b', 'queued', 4), setup('c', 'failed', 3)],
      ...[setup('a', 'failed', 2), setup('d', 'succeeded', 1), setup('e', 'running', 1, 'openclaw.restart')],
    ];
    expect(statuses(await read())).toEqual({ a: 'running', b: 'queued', c: 'failed' });
  });

  it('stand with the newest failed one of a server', async () => {
    tasks = [setup('a', 'failed', 7), setup('a', 'failed', 3)];
    expect((await read()).get('a')?.id).toBe('tsk_a_7');
  });

  it('are asked for one by one only when they have ended', async () => {
    tasks = [setup('a', 'running'), setup('b', 'running')];
    const before = await read();
    tasks = [setup('a', 'running'), setup('b', 'succeeded')];
    asked = [];
    const now = await read(before);
    expect(statuses(now)).toEqual({ a: 'running', b: 'succeeded' });
    expect(asked).toEqual(['GET /tasks queued', 'GET /tasks running', 'tsk_b_1']);
    asked = [];
    expect(statuses(await read(now))).toEqual({ a: 'running', b: 'succeeded' });
    expect(asked).toEqual(['GET /tasks queued', 'GET /tasks running']);
  });

  it('have those that were started here, also when they ended before the first poll', async () => {
    tasks = [setup('a', 'failed', 9)];
    expect(statuses(await read(new Map(), [setup('a', 'queued', 9)]))).toEqual({ a: 'failed' });
  });

  it('prefer another try to the one before, wherever it was started', async () => {
    const before = new Map([['a', setup('a', 'failed', 1)]]);
    tasks = [setup('a', 'running', 4), setup('a', 'failed', 2)];
    expect((await read(before, [setup('a', 'queued', 2)])).get('a')).toMatchObject({
      ...{ id: 'tsk_a_4', status: 'running' },
    });
  });

  it('are without those of a server that was removed', async () => {
    const before = new Map([['gone', setup('gone', 'running')]]);
    expect(statuses(await read(before))).toEqual({});
  });
});
