// A table for snapshots of OpenClaw: which archives Buoy has made on a server, and what they must be.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const setupSnapshots: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('setup_snapshots')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('note', 'text')
      .addColumn('size_bytes', 'bigint', (c) => c.notNull())
      .addColumn('sha256', 'text', (c) => c.notNull())
      .addColumn('verified', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('setup_snapshots_server')
      .on('setup_snapshots')
      .columns(['server_id', 'created_at', 'id'])
      .execute();
  },
};
