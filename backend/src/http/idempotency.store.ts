// SQL for idempotency keys: the first answer of a POST, kept for a day.
import type { ExpressionBuilder } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database, IdempotencyKeyTable } from '../db/schema.ts';

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>;

export function createIdempotencyStore(db: Db) {
  const one = (userId: string, key: string) => (eb: ExpressionBuilder<Database, 'idempotencyKeys'>) =>
    eb.and([eb('userId', '=', userId), eb('key', '=', key)]);

  return {
    /** True when this call is the first with that key; false when a row is there. */
    async claim(
      row: Pick<IdempotencyKeyTable, 'userId' | 'key' | 'requestHash' | 'createdAt'>,
    ): Promise<boolean> {
      const inserted = await db
        .insertInto('idempotencyKeys')
        .values({ ...row, status: null, response: null })
        .onConflict((conflict) => conflict.columns(['userId', 'key']).doNothing())
        .returning('key')
        .executeTakeFirst();
      return inserted !== undefined;
    },

    async count(userId: string): Promise<number> {
      const { keys } = await db
        .selectFrom('idempotencyKeys')
        .select((e) => e.fn.countAll<number>().as('keys'))
        .where('userId', '=', userId)
        .executeTakeFirstOrThrow();
      return keys;
    },

    async find(userId: string, key: string): Promise<IdempotencyKeyTable | undefined> {
      return db.selectFrom('idempotencyKeys').selectAll().where(one(userId, key)).executeTakeFirst();
    },

    async complete(userId: string, key: string, status: number, response: string): Promise<void> {
      await db.updateTable('idempotencyKeys').set({ status, response }).where(one(userId, key)).execute();
    },

    async release(userId: string, key: string): Promise<void> {
      await db.deleteFrom('idempotencyKeys').where(one(userId, key)).execute();
    },

    async forgetBefore(time: string): Promise<void> {
      await db.deleteFrom('idempotencyKeys').where('createdAt', '<', time).execute();
    },
  };
}
