// How far each server of a bulk setup has come: from what this page has done with it, and from its setup.
import type { Server, Task, TaskStatus } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { isOwn } from '../servers/server-owner.ts';
import type { BulkFailure } from './bulk-failure.ts';
import { type BulkRow, type BulkStage, rowOf } from './bulk-run.ts';
import { targetOf } from './bulk-targets.ts';
import { newerOf, type SetupTasks } from './setup-task-queries.ts';

/** `not_set_up`: it has no OpenClaw, and nobody has asked for it. */
export type RowState =
  | Exclude<BulkStage, 'listed' | 'started'>
  | 'not_set_up'
  | Exclude<TaskStatus, 'failed'>;

export type RowProgress = {
  state: RowState;
  /** The step that runs or stopped the setup; `number` counts from 1. */
  step: { title: string; number: number; count: number } | null;
  /** From 0 to 1; null: nothing runs. */
  share: number | null;
  failure: Omit<BulkFailure, 'isLogin'> | null;
  /** Its setup. */
  taskId: string | null;
  /** Whether the person may start it, or start it again. */
  isStartable: boolean;
};

/** Anything else runs, waits or is done. */
const startableStates: readonly RowState[] = [
  ...(['not_set_up', 'failed', 'stopped', 'cancelled', 'interrupted'] as const),
];

export function progressOf(row: BulkRow): RowProgress {
  const { stage, task, failure } = row;
  const isOfTask = task !== null && (stage === 'started' || stage === 'listed');
  const state = isOfTask ? task.status : stage === 'listed' || stage === 'started' ? 'not_set_up' : stage;
  const known = isOfTask ? task : null;
  return {
    state,
    step: known === null ? null : stepOf(known),
    share: known === null || hasEnded(known) ? null : known.progress,
    failure: stage === 'failed' ? failure : (known?.error ?? null),
    taskId: known?.id ?? null,
    isStartable: startableStates.includes(state),
  };
}

function stepOf({ steps, status }: Task): RowProgress['step'] {
  if (status !== 'running' && status !== 'failed') return null;
  const at = steps.findIndex((step) => step.status === status);
  const step = steps[at];
  return step === undefined ? null : { title: step.title, number: at + 1, count: steps.length };
}

/**
 * The rows of a run with their setups as they are by now, and after them the person's own servers that have no OpenClaw, or a setup that
 * did not end well.
 */
export function allRows(
  rows: readonly BulkRow[],
  servers: readonly Server[],
  tasks: SetupTasks,
  userId: string,
): BulkRow[] {
  const inRun = new Set(rows.map(({ server }) => server?.id));
  const listed = servers.filter(
    (server) => isOwn(server, userId) && !inRun.has(server.id) && isUnfinished(server, tasks),
  );
  return [
    ...rows.map((row) => ({ ...row, task: taskOf(row, tasks) })),
    ...listed.map(
      (server): BulkRow => ({
        ...rowOf(targetOf(server)),
        stage: 'listed',
        task: tasks.get(server.id) ?? null,
      }),
    ),
  ];
}

function taskOf({ server, task }: BulkRow, tasks: SetupTasks): Task | null {
  const known = server === null ? undefined : tasks.get(server.id);
  if (known === undefined || task === null) return known ?? task;
  return newerOf(known, task);
}

function isUnfinished({ id, status }: Server, tasks: SetupTasks): boolean {
  const task = tasks.get(id);
  if (status.state === 'not_set_up') return true;
  if (task === undefined || task.status === 'succeeded') return false;
  // A failed setup that was completed by another one, or by hand, is over.
  return !hasEnded(task) || (status.state !== 'up' && status.state !== 'maintenance');
}
