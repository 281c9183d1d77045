// SQL for what may be used once: sign-in links and Telegram's initData.

import type { Db } from '../db/database.ts';
import type { SignInLinkTable, UserTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import { liveSessions } from './sessions.store.ts';

/** In place of a hash: initData from before a restore may have been used since the backup. `expiresAt` is that of what was signed at the restore. */
export const RESTORE_MARK = 'restore';

export type SignInStore = ReturnType<typeof createSignInStore>;

export function createSignInStore(db: Db) {
  /** Stores a link for `userId`, or for the first super-admin when null. Earlier ones for the same person and purpose are void. */
  const insertingLink =
    (link: Omit<SignInLinkTable, 'usedAt'>): TransactionHook =>
    async (trx) => {
      // Writing the person's row over itself locks it: two at once must not both be the last one.
      if (link.userId !== null)
        await trx
          .updateTable('users')
          .set((e) => ({ createdAt: e.ref('createdAt') }))
          .where('id', '=', link.userId)
          .execute();
      await trx
        .deleteFrom('signInLinks')
        .where('userId', link.userId === null ? 'is' : '=', link.userId)
        .where('kept', '=', link.kept)
        .execute();
      await trx
        .insertInto('signInLinks')
        .values({ ...link, usedAt: null })
        .execute();
    };

  return {
    insertingLink,

    async insertLink(link: Omit<SignInLinkTable, 'usedAt'>, also?: TransactionHook): Promise<void> {
      await withTransactionHook(db, also, insertingLink(link));
    },

    /** The link that a person keeps and that still works. */
    async findKeptLink(userId: string, now: string): Promise<SignInLinkTable | undefined> {
      return db
        .selectFrom('signInLinks')
        .selectAll()
        .where('userId', '=', userId)
        .where('kept', '=', 1)
        .where('usedAt', 'is', null)
        .where('expiresAt', '>', now)
        .executeTakeFirst();
    },

    /** False when that person keeps none that still works. */
    async removeKeptLink(userId: string, now: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .deleteFrom('signInLinks')
          .where('userId', '=', userId)
          .where('kept', '=', 1)
          .where('usedAt', 'is', null)
          .where('expiresAt', '>', now)
          .executeTakeFirst();
        return result.numDeletedRows > 0n;
      });
    },

    /**
     * Uses a link up and answers its person; a link of the first super-admin makes `firstAdmin` while there is nobody. undefined when there is no such
     * unused, unexpired link: of two callers at once, one gets the person. A link that a super-admin made ends with their session and their rank.
     */
    async redeemLink(
      codeHash: string,
      now: string,
      { firstAdmin, isSuperAdmin }: { firstAdmin: UserTable; isSuperAdmin: (maker: UserTable) => boolean },
    ): Promise<UserTable | undefined> {
      return db.transaction().execute(async (trx) => {
        const link = await trx
          .updateTable('signInLinks')
          .set({ usedAt: now })
          .where('codeHash', '=', codeHash)
          .where('usedAt', 'is', null)
          .where('expiresAt', '>', now)
          .returningAll()
          .executeTakeFirst();
        if (link === undefined) return undefined;
        if (link.madeBySession !== null) {
          const maker = await liveSessions(trx, now)
            .innerJoin('users', 'users.id', 'sessions.userId')
            .selectAll('users')
            .where('sessions.id', '=', link.madeBySession)
            .executeTakeFirst();
          if (maker === undefined || !isSuperAdmin(maker)) return undefined;
        }
        if (link.userId !== null)
          return trx.selectFrom('users').selectAll().where('id', '=', link.userId).executeTakeFirst();
        // The link was printed for an empty Buoy: whoever reads an old log must not become its super-admin.
        const anybody = await trx.selectFrom('users').select('id').limit(1).executeTakeFirst();
        if (anybody !== undefined) return undefined;
        return trx.insertInto('users').values(firstAdmin).returningAll().executeTakeFirstOrThrow();
      });
    },

    /**
     * Binds an initData to the launch that uses it first.
     * @param use.expiresAt `initDataMemoryEndsMs` of it
     * @returns null for the use of another launch (both without a key count as the same), and for one from before a restore
     */
    async bindInitData(
      use: { hash: string; launchKeyHash: string | null; expiresAt: string },
      now: string,
    ): Promise<'first' | 'again' | null> {
      await db.deleteFrom('initDataUses').where('expiresAt', '<', now).execute();
      const restore = await db
        .selectFrom('initDataUses')
        .select('hash')
        .where('hash', '=', RESTORE_MARK)
        .where('expiresAt', '>', use.expiresAt)
        .executeTakeFirst();
      if (restore !== undefined) return null;
      const inserted = await db
        .insertInto('initDataUses')
        .values(use)
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 1n) return 'first';
      const first = await db
        .selectFrom('initDataUses')
        .select('launchKeyHash')
        .where('hash', '=', use.hash)
        .executeTakeFirstOrThrow();
      return first.launchKeyHash === use.launchKeyHash ? 'again' : null;
    },
  };
}
