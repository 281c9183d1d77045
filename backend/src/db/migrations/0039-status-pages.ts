// Status pages: what visitors with a link see of some servers.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const statusPages: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('status_pages')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('created_by', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('title', 'text', (c) => c.notNull())
      .addColumn('tag', 'text')
      .addColumn('server_ids', 'text')
      .addColumn('numbered', 'integer', (c) => c.notNull())
      .addColumn('show_history', 'integer', (c) => c.notNull())
      .addColumn('link_salt', 'text', (c) => c.notNull())
      .addColumn('token_hash', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text')
      .addColumn('last_seen_at', 'text')
      .addColumn('version', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('status_pages_creator')
      .on('status_pages')
      .columns(['created_by', 'created_at', 'id'])
      .execute();
  },
};
