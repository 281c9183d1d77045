// “Log in with Telegram” that has been begun in a browser and may be finished there, once.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const telegramLogin: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('telegram_logins')
      .addColumn('secret_hash', 'text', (c) => c.primaryKey())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .execute();
  },
};
