// Serializes access changes per server, so that the checked state is still current when the change is written.

import type { Db } from '../db/database.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';

/**
 * Runs `change` and then `also` in one transaction, while other changes of access to the same server wait.
 * @param change answers false when there was nothing to change; `also` is left out then
 * @param ownerId who must own the server at that moment; absent: the change is not an owner's, or a super-admin's
 * @throws AppError `not_found` when the server is gone, `forbidden` when `ownerId` owns it no longer
 */
export async function changeAccess(
  db: Db,
  serverId: string,
  also: TransactionHook | undefined,
  change: (trx: Db) => Promise<boolean>,
  ownerId?: string,
): Promise<boolean> {
  return withTransactionHook(db, also, async (trx) => {
    await lockAccess(trx, serverId);
    if (ownerId !== undefined) {
      const owner = await trx
        .selectFrom('grants')
        .select('userId')
        .where('serverId', '=', serverId)
        .where('role', '=', 'owner')
        .executeTakeFirst();
      if (owner?.userId !== ownerId)
        throw new AppError('forbidden', 'You do not own this server any more.', {
          hint: 'Ask its new owner.',
        });
    }
    return change(trx);
  });
}

/** Lets other changes of access to the server wait until the transaction ends. @throws AppError `not_found` when the server is gone */
export async function lockAccess(trx: Db, serverId: string): Promise<void> {
  // Writing a column over itself locks the row in PostgreSQL; SQLite lets one writer in anyway.
  const locked = await trx
    .updateTable('servers')
    .set((e) => ({ version: e.ref('version') }))
    .where('id', '=', serverId)
    .executeTakeFirst();
  if (locked.numUpdatedRows !== 1n) throw new AppError('not_found', 'There is no such server.');
}

/** Members of one server, its owner included: their list is read as a whole. */
const MAX_MEMBERS = 200;

/** Called under `lockAccess`, before another member is added. @throws AppError `conflict` when the server has as many as it may */
export async function checkMembers(trx: Db, serverId: string): Promise<void> {
  const { members } = await trx
    .selectFrom('grants')
    .select((e) => e.fn.countAll<number>().as('members'))
    .where('serverId', '=', serverId)
    .executeTakeFirstOrThrow();
  if (Number(members) >= MAX_MEMBERS)
    throw new AppError(
      'conflict',
      `This server has ${MAX_MEMBERS} members already, and it may have no more.`,
      {
        hint: 'Its owner can revoke a role first.',
      },
    );
}
