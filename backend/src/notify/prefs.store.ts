// SQL for notification settings: one row for each person, with a JSON text.

import type { Db } from '../db/database.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';

export type PrefsStore = ReturnType<typeof createPrefsStore>;

/** The stored value for a person without settings. */
export const NOTHING_CHOSEN = '{}';
/** Values of one statement. */
const ROWS_AT_ONCE = 100;

export function createPrefsStore(db: Db) {
  return {
    async find(userId: string): Promise<string> {
      const row = await db
        .selectFrom('notificationPrefs')
        .select('prefs')
        .where('userId', '=', userId)
        .executeTakeFirst();
      return row?.prefs ?? NOTHING_CHOSEN;
    },

    /** Of those among these people who have settings. */
    async findAll(userIds: readonly string[]): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      for (let start = 0; start < userIds.length; start += ROWS_AT_ONCE) {
        const rows = await db
          .selectFrom('notificationPrefs')
          .select(['userId', 'prefs'])
          .where('userId', 'in', userIds.slice(start, start + ROWS_AT_ONCE))
          .execute();
        for (const { userId, prefs } of rows) found.set(userId, prefs);
      }
      return found;
    },

    /**
     * Puts what `change` makes of the stored text in its place and answers it; of changes at the same time none is lost.
     * @param also runs when that is something else, `alsoWhenSame` when it is the same
     */
    async change(
      userId: string,
      now: string,
      change: (stored: string) => string,
      also?: TransactionHook,
      alsoWhenSame?: TransactionHook,
    ): Promise<string> {
      return db.transaction().execute(async (trx) => {
        await trx
          .insertInto('notificationPrefs')
          .values({ userId, prefs: NOTHING_CHOSEN, updatedAt: now })
          .onConflict((conflict) => conflict.column('userId').doNothing())
          .execute();
        // The update locks the row until the end of the transaction, which a mere select would not.
        const { prefs: stored } = await trx
          .updateTable('notificationPrefs')
          .set({ updatedAt: now })
          .where('userId', '=', userId)
          .returning('prefs')
          .executeTakeFirstOrThrow();
        const prefs = change(stored);
        await trx.updateTable('notificationPrefs').set({ prefs }).where('userId', '=', userId).execute();
        await (prefs === stored ? alsoWhenSame : also)?.(trx);
        return prefs;
      });
    },
  };
}
