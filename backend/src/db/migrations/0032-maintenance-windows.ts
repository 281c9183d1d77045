// Maintenance windows of servers; what happened in one is held back until its end.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const maintenanceWindows: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('maintenance_windows')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('definition', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('starts_at', 'text', (c) => c.notNull())
      .addColumn('ends_at', 'text', (c) => c.notNull())
      .addColumn('removed_at', 'text')
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('maintenance_windows_server')
      .on('maintenance_windows')
      .columns(['server_id', 'starts_at'])
      .execute();
    await db.schema
      .createIndex('maintenance_windows_end')
      .on('maintenance_windows')
      .column('ends_at')
      .execute();
    await db.schema
      .alterTable('alert_events')
      .addColumn('held', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
