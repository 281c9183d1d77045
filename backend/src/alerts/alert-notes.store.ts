// SQL for notes on alerts. The alert counts its notes, so that a list of alerts need not.
import type { Db } from '../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { AlertNoteTable, UserTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

/** `writer`: null for a person who is gone. */
export type AlertNoteRow = AlertNoteTable & {
  writer: Pick<UserTable, 'id' | 'username' | 'firstName' | 'lastName' | 'displayName'> | null;
};

export type AlertNoteStore = ReturnType<typeof createAlertNoteStore>;

export function createAlertNoteStore(db: Db) {
  const withWriters = async (trx: Db, notes: readonly AlertNoteTable[]): Promise<AlertNoteRow[]> => {
    const userIds = [...new Set(notes.map(({ userId }) => userId))];
    if (userIds.length === 0) return [];
    const writers = await trx
      .selectFrom('users')
      .select(['id', 'username', 'firstName', 'lastName', 'displayName'])
      .where('id', 'in', userIds)
      .execute();
    const byId = new Map(writers.map((writer) => [writer.id, writer]));
    return notes.map((note) => ({ ...note, writer: byId.get(note.userId) ?? null }));
  };

  return {
    /** Oldest first. Throws `invalid_request` for a cursor that is none. */
    async list(
      alertId: string,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ notes: AlertNoteRow[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await db
        .selectFrom('alertNotes')
        .selectAll()
        .where('alertId', '=', alertId)
        .$if(after !== null, (query) =>
          query.where((e) =>
            e.or([
              e('createdAt', '>', after!.createdAt),
              e.and([e('createdAt', '=', after!.createdAt), e('id', '>', after!.id)]),
            ]),
          ),
        )
        .orderBy('createdAt')
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      const { page, nextCursor } = pageOf(rows, limit, cursorAfter);
      return { notes: await withWriters(db, page), nextCursor };
    },

    async find(alertId: string, id: string): Promise<AlertNoteTable | undefined> {
      return db
        .selectFrom('alertNotes')
        .selectAll()
        .where('alertId', '=', alertId)
        .where('id', '=', id)
        .executeTakeFirst();
    },

    /** False when the alert has `max` notes already, or is gone. */
    add: (note: AlertNoteTable, max: number, also?: TransactionHook): Promise<boolean> =>
      withTransactionHook(db, also, async (trx) => {
        // Counting locks the alert: of two notes at the same time only one is the last that it takes.
        const counted = await trx
          .updateTable('alerts')
          .set((e) => ({ noteCount: e('noteCount', '+', 1) }))
          .where('id', '=', note.alertId)
          .where('noteCount', '<', max)
          .executeTakeFirst();
        if (counted.numUpdatedRows === 0n) return false;
        await trx.insertInto('alertNotes').values(note).execute();
        return true;
      }),

    /** False when it is gone already. */
    remove: (alertId: string, id: string, also?: TransactionHook): Promise<boolean> =>
      withTransactionHook(db, also, async (trx) => {
        const removed = await trx
          .deleteFrom('alertNotes')
          .where('alertId', '=', alertId)
          .where('id', '=', id)
          .executeTakeFirst();
        if (removed.numDeletedRows === 0n) return false;
        await trx
          .updateTable('alerts')
          .set((e) => ({ noteCount: e('noteCount', '-', 1) }))
          .where('id', '=', alertId)
          .execute();
        return true;
      }),
  };
}
