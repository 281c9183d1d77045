import type { Task, TaskStep } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { expect, it } from 'vitest';
import { applyTaskEvent, type TaskView } from './task-view.ts';

const step = (id: string, status: TaskStep['status']): TaskStep => ({
  id,
  title: id,
  status,
  startedAt: null,
  finishedAt: null,
  detail: null,
  outputTail: '',
});
const task: Task = {
  id: 'tsk_1',
  type: 'openclaw.restart',
  serverId: 'srv_1',
  status: 'running',
  steps: [step('check', 'running'), step('restart', 'pending')],
  progress: 0,
  result: null,
  error: null,
  createdBy: 'u_1',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
};
const view: TaskView = { task, output: {} };

it('replaces the step that an event names and leaves the others', () => {
  const next = applyTaskEvent(view, { event: 'step', data: step('check', 'succeeded') });
  expect(next.task.steps.map(({ status }) => status)).toEqual(['succeeded', 'pending']);
});

it('appends output to its step', () => {
  const chunks = [
    { stepId: 'check', offset: 0, text: 'one\n' },
    { stepId: 'restart', offset: 4, text: 'two\n' },
    { stepId: 'restart', offset: 8, text: 'three\n' },
  ];
  const next = chunks.reduce((seen, data) => applyTaskEvent(seen, { event: 'output', data }), view);
  expect(next.output).toEqual({ check: 'one\n', restart: 'two\nthree\n' });
});

it('restarts the output when it is sent again from its beginning', () => {
  const seen = { ...view, output: { check: 'old', restart: 'old' } };
  const next = applyTaskEvent(seen, { event: 'output', data: { stepId: 'check', offset: 0, text: 'new' } });
  expect(next.output).toEqual({ check: 'new' });
});

it('keeps only the end of very long output', () => {
  const data = { stepId: 'check', offset: 0, text: `${'x'.repeat(100_000)}end` };
  const kept = applyTaskEvent(view, { event: 'output', data }).output.check ?? '';
  expect(kept.length).toBeLessThan(20_000);
  expect(kept.endsWith('end')).toBe(true);
});

it('replaces the task and keeps its output', () => {
  const seen = { ...view, output: { check: 'text' } };
  const next = applyTaskEvent(seen, { event: 'task', data: { ...task, status: 'succeeded' } });
  expect(next.output).toEqual({ check: 'text' });
  expect(hasEnded(next.task)).toBe(true);
  expect(hasEnded(task)).toBe(false);
});
