// SQL for how the last tasks of a server ended, for what goes on from there.
import { taskError } from '@buoy/contract';
import type { Db } from '../db/database.ts';

export type EndedTask = {
  id: string;
  type: string;
  succeeded: boolean;
  /** Parsed JSON. */
  input: unknown;
  /** Parsed JSON. */
  result: unknown;
  error: { message: string; hint: string | null };
  finishedAt: string | null;
  /** Whether the step that undoes the others failed. */
  rollbackFailed: boolean;
};

/** Tasks that are read, the newest. */
const MAX_READ = 50;

/** Those of these types that succeeded or failed, newest first. */
export async function lastEnded(db: Db, serverId: string, types: readonly string[]): Promise<EndedTask[]> {
  const rows = await db
    .selectFrom('tasks')
    .leftJoin('taskSteps', (join) =>
      join.onRef('taskSteps.taskId', '=', 'tasks.id').on('taskSteps.stepId', '=', 'rollback'),
    )
    .select(['tasks.id', 'type', 'tasks.status', 'input', 'tasks.result', 'error', 'tasks.finishedAt'])
    .select('taskSteps.status as rollback')
    .where('serverId', '=', serverId)
    .where('type', 'in', types)
    .where('tasks.status', 'in', ['succeeded', 'failed'])
    .orderBy('createdAt', 'desc')
    .orderBy('tasks.id', 'desc')
    .limit(MAX_READ)
    .execute();
  return rows.map(({ id, type, status, input, result, error, finishedAt, rollback }) => {
    const told = error === null ? undefined : taskError.safeParse(JSON.parse(error)).data;
    return {
      ...{ id, type, finishedAt, succeeded: status === 'succeeded', rollbackFailed: rollback === 'failed' },
      input: JSON.parse(input),
      result: result === null ? null : JSON.parse(result),
      error: { message: told?.message ?? 'It says no reason.', hint: told?.hint ?? null },
    };
  });
}
