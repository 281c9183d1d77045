// SQL for lists of tasks: those of a filter, the newest first, in pages that are bounded by their length.
import type { TaskStatus } from '@buoy/contract';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Db } from '../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { Database } from '../db/schema.ts';
import { presentTask, type TaskRecord, withShortTails } from './task-record.ts';
import { withSteps } from './task-steps.store.ts';

export type TaskFilter = {
  /** null: all. */
  serverIds: readonly string[] | null;
  serverId?: string | undefined;
  type?: string | undefined;
  status?: TaskStatus | undefined;
};

/** Tasks of a list whose steps are read in one query, some milliseconds of work: SQLite blocks the event loop. */
const TASKS_AT_ONCE = 20;
/** UTF-16 units of the JSON of one page of a list: two hundred tasks with eight steps each would be 25 MB. */
const MAX_PAGE_LENGTH = 512 * 1024;

/** @param myTurn a turn of the event loop for each part of the list */
export async function listTasks(
  db: Db,
  filter: TaskFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  myTurn: () => Promise<void>,
): Promise<{ tasks: TaskRecord[]; nextCursor: string | null }> {
  const after = cursor === undefined ? null : parseCursor(cursor);
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where((e) => matches(e, filter))
    .$if(after !== null, (query) =>
      query.where((e) =>
        e.or([
          e('createdAt', '<', after!.createdAt),
          e.and([e('createdAt', '=', after!.createdAt), e('id', '<', after!.id)]),
        ]),
      ),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const { page, nextCursor } = pageOf(rows, limit, cursorAfter);
  const tasks: TaskRecord[] = [];
  let length = 0;
  for (let start = 0; start < page.length; start += TASKS_AT_ONCE) {
    await myTurn();
    for (const whole of await withSteps(db, page.slice(start, start + TASKS_AT_ONCE))) {
      const task = withShortTails(whole);
      length += JSON.stringify(presentTask(task)).length;
      const last = tasks.at(-1);
      if (last !== undefined && length > MAX_PAGE_LENGTH) return { tasks, nextCursor: cursorAfter(last) };
      tasks.push(task);
    }
  }
  return { tasks, nextCursor };
}

export function matches(
  e: ExpressionBuilder<Database, 'tasks'>,
  { serverIds, serverId, type, status }: TaskFilter,
): Expression<SqlBool> {
  const conditions: Expression<SqlBool>[] = [];
  if (serverIds?.length === 0) return e.lit(false);
  if (serverIds !== null) conditions.push(e('serverId', 'in', [...serverIds]));
  if (serverId !== undefined) conditions.push(e('serverId', '=', serverId));
  if (type !== undefined) conditions.push(e('type', '=', type));
  if (status !== undefined) conditions.push(e('status', '=', status));
  return e.and(conditions);
}
