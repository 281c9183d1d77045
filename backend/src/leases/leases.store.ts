// SQL for leases: which Buoy, of several on one database, does what only one may do.
import type { Db } from '../db/database.ts';

export type LeaseStore = ReturnType<typeof createLeaseStore>;

export function createLeaseStore(db: Db) {
  return {
    /**
     * Takes or renews it. False when another Buoy has it.
     * @param times.now null: that one is known to be gone
     * @param times.tooFar no Buoy with a right clock has it for so long
     */
    async take(
      name: string,
      holder: string,
      { now, tooFar, until }: { now: string | null; tooFar: string; until: string },
    ): Promise<boolean> {
      const taken = await db
        .insertInto('leases')
        .values({ name, holder, until })
        .onConflict((conflict) => {
          const update = conflict.column('name').doUpdateSet({ holder, until });
          return now === null
            ? update
            : update.where((e) =>
                e.or([
                  e('leases.holder', '=', holder),
                  e('leases.until', '<=', now),
                  e('leases.until', '>', tooFar),
                ]),
              );
        })
        .returning('name')
        .executeTakeFirst();
      return taken !== undefined;
    },

    /** Gives it back, if that Buoy has it. */
    async release(name: string, holder: string): Promise<void> {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}
