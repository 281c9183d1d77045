// Retention of ended tasks of a server: older ones are removed as new ones are created, so that they cannot fill the disk.
import { activeTaskStatuses } from '@buoy/contract';
import type { Db } from '../db/database.ts';

/** Ended tasks of a server that stay, and bytes of their output: of the newest ones. */
const MAX_KEPT = { tasks: 200, outputBytes: 16 * 1024 * 1024 };
/** Tasks removed, or stripped of their output, with each new one: more than are created, and few enough to be fast. */
const AT_ONCE = 2;

/** Runs inside the transaction that stores a new task of this server. */
export async function removeOldTasks(transaction: Db, serverId: string): Promise<void> {
  const ended = transaction
    .selectFrom('tasks')
    .where('serverId', '=', serverId)
    .where('status', 'not in', activeTaskStatuses)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc');
  await transaction
    .deleteFrom('tasks')
    .where('id', 'in', ended.select('id').limit(AT_ONCE).offset(MAX_KEPT.tasks))
    .execute();
  const printed = await ended.select(['id', 'outputBytes']).where('outputBytes', '>', 0).execute();
  let bytes = 0;
  const beyond = printed.filter((task) => {
    bytes += task.outputBytes;
    return bytes > MAX_KEPT.outputBytes;
  });
  for (const { id } of beyond.slice(0, AT_ONCE)) {
    await transaction.deleteFrom('taskOutputs').where('taskId', '=', id).execute();
    await transaction.updateTable('tasks').set({ outputBytes: 0 }).where('id', '=', id).execute();
  }
}
