import type { Task } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { followTask } from './follow-task.ts';
import type { TaskView } from './task-view.ts';

const running: Task = {
  id: 'tsk_1',
  type: 'openclaw.restart',
  serverId: 'srv_1',
  status: 'running',
  steps: [],
  progress: 0,
  result: null,
  error: null,
  createdBy: 'u_1',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
};
const succeeded: Task = { ...running, status: 'succeeded', progress: 1 };

const frame = (id: string, event: string, data: unknown): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A server whose streams end after the given text, and which answers GET /tasks/:id with the given tasks in turn. */
function server(streams: (string | Error)[], answers: (Task | Error)[]) {
  const resumedFrom: (string | null)[] = [];
  const api: Api = {
    async openStream(_path, { lastEventId }) {
      resumedFrom.push(lastEventId);
      const next = streams.shift() ?? new Error('no more streams');
      if (next instanceof Error) throw next;
      return new Response(next).body ?? new ReadableStream();
    },
    call: (async () => {
      const next = answers.shift() ?? running;
      if (next instanceof Error) throw next;
      return { task: next };
    }) as unknown as Client,
  };
  return { api, resumedFrom };
}

async function follow(api: Api): Promise<TaskView[]> {
  const views: TaskView[] = [];
  await followTask(
    api,
    { task: running, output: {} },
    { onView: (view) => views.push(view), signal: new AbortController().signal },
  );
  return views;
}

it('stops following when the task ends', async () => {
  const { api } = server([frame('1.0', 'task', running) + frame('2.0', 'task', succeeded)], []);
  expect((await follow(api)).at(-1)?.task.status).toBe('succeeded');
});

it('resumes a broken task stream after the last received event', async () => {
  const chunk = (offset: number, text: string) => ({ stepId: 's', offset, text });
  const { api, resumedFrom } = server(
    [
      frame('1.0', 'task', running) + frame('2.4', 'output', chunk(0, 'one\n')),
      frame('3.8', 'output', chunk(4, 'two\n')) + frame('4.8', 'task', succeeded),
    ],
    [running],
  );
  const views = await follow(api);
  expect(resumedFrom).toEqual([null, '2.4']);
  expect(views.at(-1)?.output).toEqual({ s: 'one\ntwo\n' });
});

it('polls the task when streams fail', async () => {
  const { api } = server([new ApiError(0, { error: 'no answer' })], [succeeded]);
  expect((await follow(api)).at(-1)?.task.status).toBe('succeeded');
});

it('polls the task while too many streams are open', async () => {
  const full = new ApiError(429, { error: 'Too many.', details: { open: 20, retryAfterS: 30 } });
  const { api, resumedFrom } = server([full], [running, running, succeeded]);
  expect((await follow(api)).at(-1)?.task.status).toBe('succeeded');
  expect(resumedFrom).toEqual([null]);
});

it('ignores unknown task events', async () => {
  const { api } = server([frame('1.0', 'news', { a: 1 }) + frame('2.0', 'task', succeeded)], []);
  expect(await follow(api)).toHaveLength(1);
});

it('stops following when access to the task is lost', async () => {
  const { api } = server([new ApiError(404, { error: 'There is no such task.' })], []);
  await expect(follow(api)).rejects.toThrow('There is no such task.');
});

it('reads the whole output of an ended task once', async () => {
  const { api, resumedFrom } = server(
    [
      frame('1.0', 'task', succeeded) +
        frame('2.4', 'output', { stepId: 's', offset: 0, text: 'one\n' }) +
        frame('3.4', 'task', succeeded),
    ],
    [],
  );
  const views: TaskView[] = [];
  await followTask(
    api,
    { task: succeeded, output: {} },
    { onView: (view) => views.push(view), signal: new AbortController().signal },
  );
  expect(resumedFrom).toEqual([null]);
  expect(views.at(-1)?.output).toEqual({ s: 'one\n' });
});

it('reports when the task cannot be followed, and when it can again', async () => {
  const silence = new ApiError(0, { error: 'Buoy does not answer.' });
  const { api } = server([silence, silence], [silence, succeeded]);
  const said: (string | null)[] = [];
  await followTask(
    api,
    { task: running, output: {} },
    {
      onView: () => undefined,
      onTrouble: (problem) => said.push(problem?.message ?? null),
      signal: new AbortController().signal,
    },
  );
  expect(said).toEqual(['Buoy does not answer.', null]);
});
