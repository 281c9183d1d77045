// Changes of who may do what on a server happen one after another, so that what a change has looked at still holds when it writes.
import { type AlsoWrite, withAlso } from '../db/also-write.ts';
import type { Db } from '../db/database.ts';
import { AppError } from '../lib/app-error.ts';

/**
 * Runs `change` and then `also` in one transaction, while other changes of access to the same server wait.
 * @param change answers false when there was nothing to change; `also` is left out then
 * @throws AppError `not_found` when the server is gone
 */
export async function changeAccess(
  db: Db,
  serverId: string,
  also: AlsoWrite | undefined,
  change: (trx: Db) => Promise<boolean>,
): Promise<boolean> {
  return withAlso(db, also, async (trx) => {
    // Writing a column over itself locks the row in PostgreSQL; SQLite lets one writer in anyway.
    const locked = await trx
      .updateTable('servers')
      .set((e) => ({ version: e.ref('version') }))
      .where('id', '=', serverId)
      .executeTakeFirst();
    if (locked.numUpdatedRows !== 1n) throw new AppError('not_found', 'There is no such server.');
    return change(trx);
  });
}
