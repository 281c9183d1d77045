// SQL for tasks that hold secrets while their server moves: what was entered for one place must not reach another.
import { activeTaskStatuses, type TaskError } from '@buoy/contract';
import type { DatabaseHandle, Db } from '../db/database.ts';
import { writeChange } from './task-journal.store.ts';

export type MovedTask = { id: string; type: string; startedAt: string | null };

/**
 * Ends the queued and running tasks with secrets of a server, and of those that are reached through it, and deletes the secrets.
 * Runs inside the transaction of the move; answers which tasks.
 */
export async function failMovedTasks(
  transaction: Db,
  dialect: DatabaseHandle['dialect'],
  serverId: string,
  { at, error }: { at: string; error: TaskError },
): Promise<MovedTask[]> {
  const tasks = await transaction
    .selectFrom('tasks')
    .select(['id', 'type', 'startedAt'])
    .where('status', 'in', activeTaskStatuses)
    .where((e) =>
      e.or([
        e('serverId', '=', serverId),
        e('serverId', 'in', e.selectFrom('servers').select('id').where('jumpServerId', '=', serverId)),
      ]),
    )
    .where((e) => e('id', 'in', e.selectFrom('taskSecrets').select('taskId')))
    .orderBy('id')
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .execute();
  for (const { id } of tasks)
    await writeChange(transaction, dialect, id, {
      at,
      unfinishedSteps: { running: 'failed', pending: 'skipped' },
      task: { status: 'failed', error },
    });
  return tasks;
}
