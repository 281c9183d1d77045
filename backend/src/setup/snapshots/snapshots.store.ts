// SQL for snapshots of OpenClaw.
import type { SnapshotReason } from '@buoy/contract';
import type { Db } from '../../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../../db/page-cursor.ts';
import type { SetupSnapshotTable } from '../../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../../db/transaction-hook.ts';

export type SetupSnapshotStore = ReturnType<typeof createSetupSnapshotStore>;

export function createSetupSnapshotStore(db: Db) {
  return {
    /** Stores it; one that is there already stays as it is. */
    async add(row: SetupSnapshotTable): Promise<void> {
      await db
        .insertInto('setupSnapshots')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    /** null: the server has none with this id. */
    async find(serverId: string, id: string): Promise<SetupSnapshotTable | null> {
      const row = await db
        .selectFrom('setupSnapshots')
        .selectAll()
        .where('serverId', '=', serverId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    /**
     * Newest first.
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(
      serverId: string,
      {
        reason,
        limit,
        cursor,
      }: { reason?: SnapshotReason | undefined; limit: number; cursor?: string | undefined },
    ): Promise<{ snapshots: SetupSnapshotTable[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await db
        .selectFrom('setupSnapshots')
        .selectAll()
        .where('serverId', '=', serverId)
        .$if(reason !== undefined, (query) => query.where('reason', '=', reason!))
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
      return { snapshots: page, nextCursor };
    },

    /** Of all snapshots of a server, newest first: what pruning decides by. */
    async ofServer(serverId: string): Promise<Array<Pick<SetupSnapshotTable, 'id' | 'reason'>>> {
      return db
        .selectFrom('setupSnapshots')
        .select(['id', 'reason'])
        .where('serverId', '=', serverId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
    },

    async setVerified(id: string, verified: boolean): Promise<void> {
      await db
        .updateTable('setupSnapshots')
        .set({ verified: verified ? 1 : 0 })
        .where('id', '=', id)
        .execute();
    },

    /** False when there is none. */
    async remove(serverId: string, id: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const removed = await trx
          .deleteFrom('setupSnapshots')
          .where('serverId', '=', serverId)
          .where('id', '=', id)
          .executeTakeFirst();
        return removed.numDeletedRows === 1n;
      });
    },
  };
}
