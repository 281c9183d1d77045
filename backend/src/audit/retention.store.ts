// SQL for the schedule of audit retention, which one of several Buoys on a database takes.
import type { Db } from '../db/database.ts';

export type RetentionStore = ReturnType<typeof createRetentionStore>;

const ID = 1;

export function createRetentionStore(db: Db) {
  return {
    /** When it is due; at `latest` where that is not said yet. */
    async dueAt(latest: string): Promise<string> {
      await db
        .insertInto('auditRetention')
        .values({ id: ID, dueAt: latest })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      const { dueAt } = await db
        .selectFrom('auditRetention')
        .select('dueAt')
        .where('id', '=', ID)
        .executeTakeFirstOrThrow();
      return dueAt;
    },

    /** Claims the run that is due at `now`; false when none is due or another Buoy has claimed it. */
    async take(now: string, nextDueAt: string): Promise<boolean> {
      const taken = await db
        .updateTable('auditRetention')
        .set({ dueAt: nextDueAt })
        .where('id', '=', ID)
        .where('dueAt', '<=', now)
        .executeTakeFirst();
      return taken.numUpdatedRows === 1n;
    },
  };
}
