// SQL for access requests of people who have signed in.
import type { DatabaseHandle } from '../db/database.ts';
import type { AccessRequestTable, UserTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';

export type AccessRequestStore = ReturnType<typeof createAccessRequestStore>;

export function createAccessRequestStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  return {
    /**
     * Stores the request of a person who has none. Requests that lapsed, and those of people who were let in, go first.
     * @param limits.maxOpen requests that may wait at once; the one after that is not stored
     * @returns whether it was stored
     */
    async insert(
      request: Pick<AccessRequestTable, 'userId' | 'requestedAt'>,
      limits: { maxOpen: number; askedBefore: string; refusedBefore: string },
    ): Promise<boolean> {
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, 'access-requests');
        await trx
          .deleteFrom('accessRequests')
          .where((e) =>
            e.or([
              e.and([e('refusedAt', 'is', null), e('requestedAt', '<=', limits.askedBefore)]),
              e('refusedAt', '<=', limits.refusedBefore),
              e(
                'userId',
                'in',
                e
                  .selectFrom('users')
                  .select('id')
                  .where((u) => u.or([u('approvedAt', 'is not', null), u('disabledAt', 'is not', null)])),
              ),
            ]),
          )
          .execute();
        const { open } = await trx
          .selectFrom('accessRequests')
          .select((e) => e.fn.countAll<number>().as('open'))
          .where('refusedAt', 'is', null)
          .executeTakeFirstOrThrow();
        if (open >= limits.maxOpen) return false;
        const result = await trx
          .insertInto('accessRequests')
          .values({ ...request, refusedAt: null })
          .onConflict((conflict) => conflict.column('userId').doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows === 1n;
      });
    },

    /** Those that wait for an answer, the oldest first, with their people. */
    async listOpen(limit: number): Promise<Array<UserTable & { requestedAt: string }>> {
      return db
        .selectFrom('accessRequests')
        .innerJoin('users', 'users.id', 'accessRequests.userId')
        .selectAll('users')
        .select('accessRequests.requestedAt')
        .where('accessRequests.refusedAt', 'is', null)
        .where('users.approvedAt', 'is', null)
        .where('users.disabledAt', 'is', null)
        .orderBy('accessRequests.requestedAt')
        .orderBy('users.id')
        .limit(limit)
        .execute();
    },
  };
}
