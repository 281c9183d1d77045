import type { Task } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { TaskView } from './task-view.ts';
import { followedTask } from './use-followed-task.ts';

const task: Task = {
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
const view: TaskView = { task, output: {} };
const problem = (status: number) => new ApiError(status, { error: 'No.' });

it('shows nothing of a task that is gone for this person, whatever was seen of it before', () => {
  expect(followedTask(view, task, problem(404))).toEqual({ view: null, problem: problem(404) });
});

it('keeps showing a task that cannot be followed just now', () => {
  expect(followedTask(view, task, problem(503)).view).toBe(view);
  expect(followedTask(null, task, problem(0)).view).toEqual(view);
  expect(followedTask(null, null, null)).toEqual({ view: null, problem: null });
});
