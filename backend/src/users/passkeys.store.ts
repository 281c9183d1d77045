// SQL for passkeys.

import type { Db } from '../db/database.ts';
import type { PasskeyTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type PasskeyStore = ReturnType<typeof createPasskeyStore>;

export function createPasskeyStore(db: Db) {
  return {
    async list(userId: string): Promise<PasskeyTable[]> {
      return db
        .selectFrom('passkeys')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
    },

    async findByCredential(credentialId: string): Promise<PasskeyTable | undefined> {
      return db
        .selectFrom('passkeys')
        .selectAll()
        .where('credentialId', '=', credentialId)
        .executeTakeFirst();
    },

    /** Answers why it was not stored: the person has `max` already, or somebody has this credential. */
    async insert(
      passkey: PasskeyTable,
      max: number,
      also?: TransactionHook,
    ): Promise<'stored' | 'full' | 'known'> {
      return db.transaction().execute(async (trx) => {
        // Writing the person's row over itself locks it: two at once must not both be the last one.
        await trx
          .updateTable('users')
          .set((e) => ({ createdAt: e.ref('createdAt') }))
          .where('id', '=', passkey.userId)
          .execute();
        const { held } = await trx
          .selectFrom('passkeys')
          .select((e) => e.fn.countAll<number>().as('held'))
          .where('userId', '=', passkey.userId)
          .executeTakeFirstOrThrow();
        if (held >= max) return 'full';
        const result = await trx
          .insertInto('passkeys')
          .values(passkey)
          .onConflict((conflict) => conflict.column('credentialId').doNothing())
          .executeTakeFirst();
        if (result.numInsertedOrUpdatedRows !== 1n) return 'known';
        await also?.(trx);
        return 'stored';
      });
    },

    /** False when that person has no such passkey, or it has that name already. */
    async rename(
      { id, userId, name }: Pick<PasskeyTable, 'id' | 'userId' | 'name'>,
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .updateTable('passkeys')
          .set({ name })
          .where('id', '=', id)
          .where('userId', '=', userId)
          .where('name', '!=', name)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
    },

    /** False when that person has no such passkey. */
    async remove(
      { id, userId }: Pick<PasskeyTable, 'id' | 'userId'>,
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .deleteFrom('passkeys')
          .where('id', '=', id)
          .where('userId', '=', userId)
          .executeTakeFirst();
        return result.numDeletedRows === 1n;
      });
    },

    /**
     * Notes a use. It throws `gone()` when the passkey was removed, or used with another count, since it was read.
     * @param used what was read, with what the authenticator says now
     */
    using(
      { id, counter }: Pick<PasskeyTable, 'id' | 'counter'>,
      used: Pick<PasskeyTable, 'counter' | 'synced' | 'lastUsedAt'>,
      gone: () => Error,
    ): TransactionHook {
      return async (trx) => {
        const result = await trx
          .updateTable('passkeys')
          .set(used)
          .where('id', '=', id)
          .where('counter', '=', counter)
          .executeTakeFirst();
        if (result.numUpdatedRows !== 1n) throw gone();
      };
    },
  };
}
