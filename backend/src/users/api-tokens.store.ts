// SQL for API tokens: a token lives only as long as its row here.

import type { Db } from '../db/database.ts';
import type { ApiTokenTable, UserTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { accountDisabled } from './account-disabled.ts';

/** Expired tokens of one person that are still listed; the older ones go when another is made. */
const MAX_EXPIRED = 100;

export type ApiTokenStore = ReturnType<typeof createApiTokenStore>;

export function createApiTokenStore(db: Db) {
  return {
    /**
     * False when its person has `max` tokens already that live at `token.createdAt`, however many are made at once.
     * @throws AppError `account_disabled`
     */
    async insert(token: ApiTokenTable, max: number, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        // The person's row, written as it is, is the lock behind which their tokens are counted.
        const person = await trx
          .updateTable('users')
          .set((e) => ({ createdAt: e.ref('createdAt') }))
          .where('id', '=', token.userId)
          .returning('disabledAt')
          .executeTakeFirst();
        if (person !== undefined && person.disabledAt !== null) throw accountDisabled();
        const live = await trx
          .selectFrom('apiTokens')
          .select('id')
          .where('userId', '=', token.userId)
          .where((e) => e.or([e('expiresAt', 'is', null), e('expiresAt', '>', token.createdAt)]))
          .execute();
        if (live.length >= max) return false;
        await trx.insertInto('apiTokens').values(token).execute();
        const expired = trx
          .selectFrom('apiTokens')
          .select('id')
          .where('userId', '=', token.userId)
          .where('expiresAt', '<=', token.createdAt)
          .orderBy('expiresAt', 'desc')
          .orderBy('id')
          .limit(MAX_EXPIRED);
        await trx
          .deleteFrom('apiTokens')
          .where('userId', '=', token.userId)
          .where('expiresAt', '<=', token.createdAt)
          .where('id', 'not in', expired)
          .execute();
        return true;
      });
    },

    /** The token, expired or not, and its person. */
    async findBySecret(secretHash: string): Promise<{ token: ApiTokenTable; user: UserTable } | undefined> {
      const token = await db
        .selectFrom('apiTokens')
        .selectAll()
        .where('secretHash', '=', secretHash)
        .executeTakeFirst();
      if (token === undefined) return undefined;
      const user = await db.selectFrom('users').selectAll().where('id', '=', token.userId).executeTakeFirst();
      return user === undefined ? undefined : { token, user };
    },

    /** The person of a token that has not expired; undefined when it has, or is revoked. */
    async findPerson(id: string, now: string): Promise<UserTable | undefined> {
      return db
        .selectFrom('apiTokens')
        .innerJoin('users', 'users.id', 'apiTokens.userId')
        .selectAll('users')
        .where('apiTokens.id', '=', id)
        .where((e) => e.or([e('apiTokens.expiresAt', 'is', null), e('apiTokens.expiresAt', '>', now)]))
        .executeTakeFirst();
    },

    /** A person's token; undefined when that person has none of this id. */
    async find(id: string, userId: string): Promise<ApiTokenTable | undefined> {
      return db
        .selectFrom('apiTokens')
        .selectAll()
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst();
    },

    /** A person's tokens, the newest first. */
    async list(userId: string): Promise<ApiTokenTable[]> {
      return db
        .selectFrom('apiTokens')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt', 'desc')
        .orderBy('id')
        .execute();
    },

    /** Never sets the time back. */
    async touch(id: string, now: string): Promise<void> {
      await db
        .updateTable('apiTokens')
        .set({ lastUsedAt: now })
        .where('id', '=', id)
        .where((e) => e.or([e('lastUsedAt', 'is', null), e('lastUsedAt', '<', now)]))
        .execute();
    },

    /** False when that person has no such token. */
    async remove(id: string, userId: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .deleteFrom('apiTokens')
          .where('id', '=', id)
          .where('userId', '=', userId)
          .executeTakeFirst();
        return result.numDeletedRows === 1n;
      });
    },

    /** Takes the tokens away whose time was over before `time`. */
    async forgetExpired(time: string): Promise<void> {
      await db.deleteFrom('apiTokens').where('expiresAt', '<', time).execute();
    },
  };
}
