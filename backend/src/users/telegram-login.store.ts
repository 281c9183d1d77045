// SQL for “Log in with Telegram” that has been begun: each may be finished once.
import type { Db } from '../db/database.ts';
import type { TelegramLoginTable } from '../db/schema.ts';

export type TelegramLoginStore = ReturnType<typeof createTelegramLoginStore>;

export function createTelegramLoginStore(db: Db) {
  return {
    async insert(login: TelegramLoginTable): Promise<void> {
      await db.insertInto('telegramLogins').values(login).execute();
    },

    /** Takes it away; false when it is unknown, taken or too old: of two who take it at once, one gets it. */
    async take(secretHash: string, now: string): Promise<boolean> {
      const result = await db
        .deleteFrom('telegramLogins')
        .where('secretHash', '=', secretHash)
        .where('expiresAt', '>', now)
        .executeTakeFirst();
      return result.numDeletedRows === 1n;
    },

    async forgetExpired(now: string): Promise<void> {
      await db.deleteFrom('telegramLogins').where('expiresAt', '<=', now).execute();
    },
  };
}
