// Where each person's notifications go, what has happened to alerts, and what is still to be sent.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const notificationChannels: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('notification_channels')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('session_id', 'text')
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('label', 'text', (c) => c.notNull())
      .addColumn('target', 'text', (c) => c.notNull())
      .addColumn('settings', 'text', (c) => c.notNull())
      .addColumn('settings_hash', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('min_severity', 'text', (c) => c.notNull())
      .addColumn('muted_types', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('last_error', 'text')
      .addColumn('last_sent_at', 'text')
      .addColumn('code_hash', 'text')
      .addColumn('code_until', 'text')
      .addColumn('code_attempts', 'integer', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('retry_at', 'text')
      .addColumn('busy_until', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addUniqueConstraint('notification_channels_one', ['user_id', 'settings_hash'])
      .execute();

    await db.schema
      .createTable('alert_events')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('alert_id', 'text', (c) => c.notNull().references('alerts.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('alert_events_order').on('alert_events').columns(['at', 'id']).execute();
    await db.schema.createIndex('alert_events_alert').on('alert_events').column('alert_id').execute();

    await db.schema
      .createTable('notification_deliveries')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('channel_id', 'text', (c) =>
        c.notNull().references('notification_channels.id').onDelete('cascade'),
      )
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('alert_id', 'text', (c) => c.notNull().references('alerts.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('due_at', 'text')
      .addColumn('give_up_at', 'text', (c) => c.notNull())
      .addColumn('message', 'text')
      .execute();
    await db.schema
      .createIndex('notification_deliveries_due')
      .on('notification_deliveries')
      .column('due_at')
      .execute();
    await db.schema
      .createIndex('notification_deliveries_channel')
      .on('notification_deliveries')
      .columns(['channel_id', 'alert_id'])
      .execute();
    await db.schema
      .createIndex('notification_deliveries_channel_due')
      .on('notification_deliveries')
      .columns(['channel_id', 'due_at'])
      .execute();
    // Asked for every few seconds, and by each reading of the metrics.
    await db.schema
      .createIndex('alerts_snoozed')
      .on('alerts')
      .column('snoozed_until')
      .where(sql.ref('snoozed_until'), 'is not', null)
      .execute();
    await db.schema
      .createIndex('alerts_severity')
      .on('alerts')
      .columns(['resolved_at', 'severity'])
      .execute();
    await db.schema
      .createIndex('notification_deliveries_server')
      .on('notification_deliveries')
      .columns(['server_id', 'channel_id', 'due_at'])
      .execute();
    await db.schema
      .createIndex('notification_deliveries_alert')
      .on('notification_deliveries')
      .column('alert_id')
      .execute();
  },
};
