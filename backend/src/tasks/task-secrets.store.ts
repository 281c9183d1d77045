// SQL for the secrets of tasks that have not ended: one sealed text for each task.
import type { Db } from '../db/database.ts';

export async function findTaskSecrets(db: Db, taskId: string): Promise<string | null> {
  const row = await db
    .selectFrom('taskSecrets')
    .select('value')
    .where('taskId', '=', taskId)
    .executeTakeFirst();
  return row?.value ?? null;
}

/** Runs inside the transaction that ends the tasks: what has ended needs no secret. */
export async function removeTaskSecrets(transaction: Db, taskIds: readonly string[]): Promise<void> {
  if (taskIds.length === 0) return;
  await transaction.deleteFrom('taskSecrets').where('taskId', 'in', taskIds).execute();
}
