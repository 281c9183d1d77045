// SQL for the progress of a task: status, output and result of a step are stored in a single transaction.
import {
  activeTaskStatuses,
  hasEnded,
  type StepStatus,
  type TaskError,
  type TaskStatus,
} from '@buoy/contract';
import type { DatabaseHandle, Db } from '../db/database.ts';
import { AppError } from '../lib/app-error.ts';
import { appendOutput } from './task-output.store.ts';
import { removeTaskSecrets } from './task-secrets.store.ts';

/** All changes of one write to a task; stored in one transaction or not at all. */
export type JournalChange = {
  /** ISO 8601. */
  at: string;
  step?: {
    position: number;
    id: string;
    status?: StepStatus;
    detail?: string;
    fraction?: number;
    state?: unknown;
    result?: unknown;
    /** Appended. */
    output?: string;
  };
  /** What becomes of the steps that have not ended. */
  unfinishedSteps?: { running: StepStatus; pending: StepStatus };
  task?: { status: TaskStatus; result?: unknown; error?: TaskError };
};

/** Runs inside the caller's transaction. Throws `conflict` when the task has ended or is gone. */
export async function writeChange(
  transaction: Db,
  dialect: DatabaseHandle['dialect'],
  id: string,
  { at, step, unfinishedSteps, task }: JournalChange,
): Promise<void> {
  const row = await transaction
    .selectFrom('tasks')
    .select(['outputBytes', 'startedAt'])
    .where('id', '=', id)
    .where('status', 'in', activeTaskStatuses)
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined)
    throw new AppError('conflict', 'This task has ended already, or its server was deleted.');

  if (step !== undefined) {
    if (step.output !== undefined && step.output !== '') {
      const append = { taskId: id, position: step.position, stepId: step.id, text: step.output, at };
      const outputBytes = await appendOutput(transaction, { ...append, outputBytes: row.outputBytes });
      if (outputBytes !== row.outputBytes)
        await transaction.updateTable('tasks').set({ outputBytes }).where('id', '=', id).execute();
    }
    const columns = {
      ...(step.status === undefined ? {} : { status: step.status }),
      ...(step.status === 'running' ? { startedAt: at } : {}),
      ...(step.status === undefined || step.status === 'running' ? {} : { finishedAt: at }),
      ...(step.detail === undefined ? {} : { detail: step.detail }),
      ...(step.fraction === undefined ? {} : { fraction: step.fraction }),
      ...(step.state === undefined ? {} : { state: JSON.stringify(step.state) }),
      ...(step.result === undefined ? {} : { result: JSON.stringify(step.result) }),
    };
    if (Object.keys(columns).length > 0)
      await transaction
        .updateTable('taskSteps')
        .set(columns)
        .where('taskId', '=', id)
        .where('position', '=', step.position)
        .execute();
  }
  for (const status of ['running', 'pending'] as const) {
    if (unfinishedSteps === undefined) break;
    await transaction
      .updateTable('taskSteps')
      .set({ status: unfinishedSteps[status], ...(status === 'running' ? { finishedAt: at } : {}) })
      .where('taskId', '=', id)
      .where('status', '=', status)
      .execute();
  }
  if (task !== undefined && hasEnded(task)) await removeTaskSecrets(transaction, [id]);
  if (task !== undefined)
    await transaction
      .updateTable('tasks')
      .set({
        status: task.status,
        startedAt: row.startedAt ?? at,
        ...(task.result === undefined ? {} : { result: JSON.stringify(task.result) }),
        ...(task.error === undefined ? {} : { error: JSON.stringify(task.error) }),
        ...(hasEnded(task) ? { finishedAt: at, exclusiveKey: null } : {}),
      })
      .where('id', '=', id)
      .execute();
}
