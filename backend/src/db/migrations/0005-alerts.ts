// Tables for alerts, their read state, and the monitor schedule.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const alerts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('alerts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('cause', 'text', (c) => c.notNull())
      .addColumn('evidence', 'text', (c) => c.notNull())
      .addColumn('first_at', 'text', (c) => c.notNull())
      .addColumn('last_at', 'text', (c) => c.notNull())
      .addColumn('count', 'integer', (c) => c.notNull())
      .addColumn('acknowledged_at', 'text')
      .addColumn('acknowledged_by', 'text')
      .addColumn('snoozed_until', 'text')
      .addColumn('resolved_at', 'text')
      .execute();
    // The database itself refuses a second open one of the same kind on the same thing.
    await db.schema
      .createIndex('alerts_one_open')
      .unique()
      .on('alerts')
      .columns(['server_id', 'type', 'subject'])
      .where(sql.ref('resolved_at'), 'is', null)
      .execute();
    await db.schema.createIndex('alerts_first').on('alerts').columns(['first_at', 'id']).execute();
    await db.schema.createIndex('alerts_resolved').on('alerts').column('resolved_at').execute();
    await db.schema.createIndex('alerts_server').on('alerts').column('server_id').execute();

    // To have read it is each person's own.
    await db.schema
      .createTable('alert_reads')
      .addColumn('alert_id', 'text', (c) => c.notNull().references('alerts.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('read_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('alert_reads_key', ['alert_id', 'user_id'])
      .execute();
    await db.schema.createIndex('alert_reads_user').on('alert_reads').column('user_id').execute();

    await db.schema
      .createTable('monitor_rounds')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('due_at', 'text', (c) => c.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('duration_ms', 'integer')
      .execute();
  },
};
