// SQL for “Log in with Telegram” that has been begun: each may be finished once.
import type { Db } from '../db/database.ts';
import type { TelegramLoginTable } from '../db/schema.ts';

/** Rows removed by one sign-in that begins: many at once would hold up everybody. */
const FORGOTTEN_AT_ONCE = 500;

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
      const expired = db.selectFrom('telegramLogins').select('secretHash').where('expiresAt', '<=', now);
      await db
        .deleteFrom('telegramLogins')
        .where('secretHash', 'in', expired.limit(FORGOTTEN_AT_ONCE))
        .execute();
    },
  };
}
