// SQL for how far a bot has read what people sent to it.
import type { Db } from '../db/database.ts';

export type PositionStore = ReturnType<typeof createPositionStore>;

export function createPositionStore(db: Db) {
  return {
    /** The last update that was answered, unless that was before `since`. */
    async last(botId: string, since: string): Promise<number | null> {
      const row = await db
        .selectFrom('botPositions')
        .select('updateId')
        .where('botId', '=', botId)
        .where('at', '>=', since)
        .executeTakeFirst();
      return row?.updateId ?? null;
    },

    async advance(botId: string, updateId: number, at: string): Promise<void> {
      await db
        .insertInto('botPositions')
        .values({ botId, updateId, at })
        .onConflict((conflict) => conflict.column('botId').doUpdateSet({ updateId, at }))
        .execute();
    },
  };
}
