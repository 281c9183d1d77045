// Keeps one server from filling the outbox and the channels: its events are taken in its turn, and what it sends is counted.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const notificationRates: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('alert_events').addColumn('server_id', 'text').execute();
    await sql`update alert_events set server_id = (select server_id from alerts where alerts.id = alert_events.alert_id)`.execute(
      db,
    );
    await db.schema.dropIndex('alert_events_order').execute();
    await db.schema
      .createIndex('alert_events_server')
      .on('alert_events')
      .columns(['server_id', 'at', 'id'])
      .execute();

    await db.schema
      .alterTable('notification_deliveries')
      .addColumn('rejections', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();

    await db.schema
      .createTable('notification_rates')
      .addColumn('channel_id', 'text', (c) =>
        c.notNull().references('notification_channels.id').onDelete('cascade'),
      )
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('messages', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('notification_rates_one', ['channel_id', 'server_id'])
      .execute();
    await db.schema
      .createIndex('notification_rates_server')
      .on('notification_rates')
      .column('server_id')
      .execute();
  },
};
