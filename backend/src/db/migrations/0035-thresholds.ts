// From where on checks fire, of a server by itself and by each of its tags.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const thresholds: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('thresholds')
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      // Empty: of the server itself.
      .addColumn('tag', 'text', (c) => c.notNull())
      .addColumn('chosen', 'text', (c) => c.notNull())
      .addColumn('set_by', 'text', (c) => c.notNull())
      .addColumn('set_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('thresholds_key', ['server_id', 'tag'])
      .execute();
  },
};
