// Since when the monitor is stale, and what super-admins are told of it.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const monitorNotices: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('monitor_rounds').addColumn('stale_since', 'text').execute();
    await db.schema
      .createTable('monitor_notices')
      .addColumn('channel_id', 'text', (c) =>
        c.primaryKey().references('notification_channels.id').onDelete('cascade'),
      )
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('due_at', 'text')
      .addColumn('give_up_at', 'text', (c) => c.notNull())
      .execute();
  },
};
