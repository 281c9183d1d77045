// Maintenance windows of servers; what happened in one is held back until its end.
import { type Kysely, sql } from 'kysely';
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
    // Each asked for at each look into the outbox: they must not read what is held back, or was told.
    await db.schema
      .createIndex('alert_events_new')
      .on('alert_events')
      .columns(['server_id', 'at'])
      .where(sql.ref('held'), '=', sql.lit(0))
      .execute();
    await db.schema
      .createIndex('notification_deliveries_waiting')
      .on('notification_deliveries')
      .columns(['server_id', 'give_up_at'])
      .where(sql.ref('due_at'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('notification_deliveries_aside')
      .on('notification_deliveries')
      .column('server_id')
      .where(sql.ref('status'), '=', sql.lit('aside'))
      .execute();
  },
};
