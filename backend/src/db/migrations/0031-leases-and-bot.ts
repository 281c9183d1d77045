// Which of several Buoys does what only one may do, and how far the bot has read.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const leasesAndBot: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('leases')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('until', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('bot_positions')
      .addColumn('bot_id', 'text', (c) => c.primaryKey())
      .addColumn('update_id', 'bigint', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .execute();
  },
};
