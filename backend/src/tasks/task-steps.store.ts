// SQL for the steps of tasks, read for many tasks at once.
import type { Db } from '../db/database.ts';
import type { TaskTable } from '../db/schema.ts';
import type { TaskRecord } from './task-record.ts';
import { taskRecord } from './task-rows.ts';

export async function withSteps(db: Db, rows: TaskTable[]): Promise<TaskRecord[]> {
  if (rows.length === 0) return [];
  const steps = await db
    .selectFrom('taskSteps')
    .selectAll()
    .where(
      'taskId',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute();
  const byTask = Map.groupBy(steps, (step) => step.taskId);
  return rows.map((row) => taskRecord(row, byTask.get(row.id) ?? []));
}
