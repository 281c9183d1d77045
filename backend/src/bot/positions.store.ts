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

    /** False when it stands there already or has been passed: another Buoy answers. A position from before `since` counts for nothing. */
    async advance(
      botId: string,
      updateId: number,
      { at, since }: { at: string; since: string },
    ): Promise<boolean> {
      const advanced = await db
        .insertInto('botPositions')
        .values({ botId, updateId, at })
        .onConflict((conflict) =>
          conflict
            .column('botId')
            .doUpdateSet({ updateId, at })
            .where((e) =>
              e.or([e('botPositions.updateId', '<', updateId), e('botPositions.at', '<', since)]),
            ),
        )
        .returning('botId')
        .executeTakeFirst();
      return advanced !== undefined;
    },
  };
}
