// SQL for status pages as their creators manage them.
import type { DatabaseHandle } from '../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { StatusPageTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type StatusPageRow = StatusPageTable;

/** What a person chooses; `serverIds` is a JSON text. */
export type ChosenPage = Pick<
  StatusPageRow,
  'title' | 'tag' | 'serverIds' | 'numbered' | 'showHistory' | 'expiresAt'
>;

/** `full` makes the error for a person who has `maxPages` already. */
export type PagesLimit = { maxPages: number; full: () => Error };

export type StatusPageStore = ReturnType<typeof createStatusPageStore>;

export function createStatusPageStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  return {
    /**
     * In the order in which they were made.
     * @param creatorId null: those of everybody
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(
      creatorId: string | null,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ pages: StatusPageRow[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await db
        .selectFrom('statusPages')
        .selectAll()
        .$if(creatorId !== null, (query) => query.where('createdBy', '=', creatorId!))
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
      return { pages: page, nextCursor };
    },

    async find(id: string): Promise<StatusPageRow | undefined> {
      return db.selectFrom('statusPages').selectAll().where('id', '=', id).executeTakeFirst();
    },

    /** The roles of a person on those of these servers on which they have one. */
    async rolesOn(userId: string, serverIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
      // PostgreSQL knows no empty list of values.
      if (serverIds.length === 0) return new Map();
      const grants = await db
        .selectFrom('grants')
        .select(['serverId', 'role'])
        .where('userId', '=', userId)
        .where('serverId', 'in', serverIds)
        .execute();
      return new Map(grants.map(({ serverId, role }) => [serverId, role]));
    },

    /** @throws what `limit.full` makes */
    async insert(page: StatusPageRow, limit: PagesLimit, also?: TransactionHook): Promise<void> {
      await withTransactionHook(db, also, async (trx) => {
        await takeTurn(trx, dialect, `status pages of ${page.createdBy}`);
        const { count } = await trx
          .selectFrom('statusPages')
          .select((e) => e.fn.countAll<number>().as('count'))
          .where('createdBy', '=', page.createdBy)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limit.maxPages) throw limit.full();
        await trx.insertInto('statusPages').values(page).execute();
      });
    },

    /** Writes `chosen` over version `version`; false when the page is gone or at another version by now. */
    async update(id: string, version: number, chosen: ChosenPage, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const updated = await trx
          .updateTable('statusPages')
          .set({ ...chosen, version: version + 1 })
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        return updated.numUpdatedRows === 1n;
      });
    },

    /** Replaces the link; null when the page is gone. */
    async replaceLink(
      id: string,
      link: Pick<StatusPageRow, 'linkSalt' | 'tokenHash'>,
      also?: TransactionHook,
    ): Promise<StatusPageRow | null> {
      let row: StatusPageRow | undefined;
      await withTransactionHook(db, also, async (trx) => {
        row = await trx
          .updateTable('statusPages')
          .set(link)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row !== undefined;
      });
      return row ?? null;
    },

    /** False when it is gone. */
    async remove(id: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const removed = await trx.deleteFrom('statusPages').where('id', '=', id).executeTakeFirst();
        return removed.numDeletedRows === 1n;
      });
    },
  };
}
