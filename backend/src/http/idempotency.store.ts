// SQL for idempotency keys: the first answer of a POST, kept for a day. Answers are long, so none is read but the one that is asked
// for, and they are removed in slices: SQLite blocks the whole process meanwhile.
import { type ExpressionBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database, IdempotencyKeyTable } from '../db/schema.ts';

/** Rows removed at once: more than a call adds, and few enough to be fast when each holds the longest answer. */
const SLICE = 8;

type KeyName = Pick<IdempotencyKeyTable, 'userId' | 'key'>;

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>;

export function createIdempotencyStore(db: Db) {
  const one = (userId: string, key: string) => (eb: ExpressionBuilder<Database, 'idempotencyKeys'>) =>
    eb.and([eb('userId', '=', userId), eb('key', '=', key)]);
  const anyOf = (keys: readonly KeyName[]) => (eb: ExpressionBuilder<Database, 'idempotencyKeys'>) =>
    eb.or(keys.map(({ userId, key }) => one(userId, key)(eb)));
  const oldestFirst = () =>
    db.selectFrom('idempotencyKeys').select(['userId', 'key']).orderBy('createdAt').limit(SLICE);
  const deleting = (keys: readonly KeyName[]) => db.deleteFrom('idempotencyKeys').where(anyOf(keys));

  return {
    /**
     * True when this call is the first with that key; false when a row is there.
     * @param since older rows are forgotten, whether or not they are deleted
     */
    async claim(
      row: Pick<IdempotencyKeyTable, 'userId' | 'key' | 'requestHash' | 'createdAt'>,
      since: string,
    ): Promise<boolean> {
      const { requestHash, createdAt } = row;
      const fresh = { requestHash, createdAt, status: null, response: null, bytes: 0, personId: row.userId };
      const claimed = await db
        .insertInto('idempotencyKeys')
        .values({ ...row, ...fresh })
        .onConflict((conflict) =>
          conflict
            .columns(['userId', 'key'])
            .doUpdateSet(fresh)
            .where('idempotencyKeys.createdAt', '<', since),
        )
        .returning('key')
        .executeTakeFirst();
      return claimed !== undefined;
    },

    async count(userId: string, since: string): Promise<number> {
      const { keys } = await db
        .selectFrom('idempotencyKeys')
        .select((e) => e.fn.countAll<number>().as('keys'))
        .where('personId', '=', userId)
        .where('userId', '=', userId)
        .where('createdAt', '>=', since)
        .executeTakeFirstOrThrow();
      return keys;
    },

    async find(userId: string, key: string): Promise<IdempotencyKeyTable | undefined> {
      return db.selectFrom('idempotencyKeys').selectAll().where(one(userId, key)).executeTakeFirst();
    },

    /** @param answer.response sealed */
    async complete(
      userId: string,
      key: string,
      answer: { status: number; response: string; personId: string },
    ): Promise<void> {
      await db
        .updateTable('idempotencyKeys')
        .set({ ...answer, bytes: Buffer.byteLength(answer.response) })
        .where(one(userId, key))
        .execute();
    },

    async release(userId: string, key: string): Promise<void> {
      await db.deleteFrom('idempotencyKeys').where(one(userId, key)).execute();
    },

    /** Forgets a slice of the oldest rows from before `time`. */
    async forgetBefore(time: string): Promise<void> {
      const oldest = await oldestFirst().where('createdAt', '<', time).execute();
      // Not one that has been claimed again meanwhile: its repetition would run a second time.
      if (oldest.length > 0) await deleting(oldest).where('createdAt', '<', time).execute();
    },

    /** Forgets a slice of the answers that signed this person in, but for the newest `kept`. */
    async forgetSignInsBeyond(personId: string, kept: number): Promise<void> {
      const { keys } = await db
        .selectFrom('idempotencyKeys')
        .select((e) => e.fn.countAll<number>().as('keys'))
        .where('personId', '=', personId)
        .where('userId', '=', '')
        .executeTakeFirstOrThrow();
      if (keys <= kept) return;
      const oldest = await oldestFirst().where('personId', '=', personId).where('userId', '=', '').execute();
      await deleting(oldest.slice(0, keys - kept))
        .where('personId', '=', personId)
        .execute();
    },

    /**
     * Drops a slice of the oldest answers of this person while all of them take more than `maxBytes`; their keys stay used.
     * @returns whether they still take more
     */
    async dropBeyond(personId: string, maxBytes: number): Promise<boolean> {
      const { bytes } = await db
        .selectFrom('idempotencyKeys')
        .select((e) => e.fn.coalesce(e.fn.sum<number>('bytes'), sql.lit(0)).as('bytes'))
        .where('personId', '=', personId)
        .executeTakeFirstOrThrow();
      let excess = bytes - maxBytes;
      if (excess <= 0) return false;
      const dropped: KeyName[] = [];
      for (const row of await oldestFirst()
        .select('bytes')
        .where('personId', '=', personId)
        .where('bytes', '>', 0)
        .execute())
        if (excess > 0) {
          dropped.push(row);
          excess -= row.bytes;
        }
      await db
        .updateTable('idempotencyKeys')
        .set({ response: null, bytes: 0 })
        .where(anyOf(dropped))
        .execute();
      return excess > 0;
    },
  };
}
