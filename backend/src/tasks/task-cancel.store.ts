// SQL for cancelled tasks: queued ones end immediately, running ones are marked.
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { removeTaskSecrets } from './task-secrets.store.ts';

/** What a person started on a server (`serverId` null: on any server), or those of some tasks. */
export type QueuedOf = { createdBy: string; serverId: string | null } | { ids: readonly string[] };

/** False: it has ended, or there is no such task. */
export async function cancelOne(
  transaction: Db,
  id: string,
  at: string,
): Promise<'cancelled' | 'requested' | false> {
  if ((await endQueued(transaction, (e) => e('id', '=', id), at)).length > 0) return 'cancelled';
  const running = await transaction
    .updateTable('tasks')
    .set({ cancelRequested: 1 })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .executeTakeFirst();
  return running.numUpdatedRows > 0n && 'requested';
}

/** Ends those that are queued, and answers which. */
export function cancelQueued(transaction: Db, of: QueuedOf, at: string) {
  const where = (e: ExpressionBuilder<Database, 'tasks'>) =>
    'ids' in of
      ? e('id', 'in', of.ids)
      : e.and([
          e('createdBy', '=', of.createdBy),
          of.serverId === null ? e('serverId', 'is not', null) : e('serverId', '=', of.serverId),
        ]);
  return endQueued(transaction, where, at);
}

async function endQueued(
  transaction: Db,
  where: (e: ExpressionBuilder<Database, 'tasks'>) => Expression<SqlBool>,
  at: string,
): Promise<Array<{ id: string; type: string }>> {
  const tasks = await transaction
    .updateTable('tasks')
    .set({ status: 'cancelled', cancelRequested: 1, exclusiveKey: null, finishedAt: at })
    .where('status', '=', 'queued')
    .where(where)
    .returning(['id', 'type'])
    .execute();
  if (tasks.length === 0) return [];
  const ids = tasks.map(({ id }) => id);
  await transaction
    .updateTable('taskSteps')
    .set({ status: 'cancelled' })
    .where('taskId', 'in', ids)
    .execute();
  await removeTaskSecrets(transaction, ids);
  return tasks;
}
