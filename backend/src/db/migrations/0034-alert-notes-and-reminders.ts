// Notes on alerts, when an alert is told again, and before when a person is not told who only takes what others leave.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const HOUR_MS = 3_600_000;

export const alertNotesAndReminders: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('alert_notes')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('alert_id', 'text', (c) => c.notNull().references('alerts.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('text', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('alert_notes_order')
      .on('alert_notes')
      .columns(['alert_id', 'created_at', 'id'])
      .execute();

    await db.schema
      .alterTable('alerts')
      .addColumn('note_count', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('alerts').addColumn('remind_from', 'text').execute();
    await db.schema.alterTable('alerts').addColumn('remind_at', 'text').execute();
    // With the server, so that the many that wait for the end of maintenance are passed over without reading them.
    await db.schema
      .createIndex('alerts_remind')
      .on('alerts')
      .columns(['remind_at', 'server_id'])
      .where(sql.ref('remind_at'), 'is not', null)
      .execute();
    for (const column of ['escalates_at', 'told_at'])
      await db.schema.alterTable('notification_deliveries').addColumn(column, 'text').execute();

    // What nobody has taken care of is told again from now on as if it had begun now: an upgrade must not send everything at once.
    const now = Date.now();
    for (const [severity, hours] of [
      ['critical', 1],
      ['warning', 24],
    ] as const)
      await sql`update alerts set remind_from = ${new Date(now).toISOString()},
        remind_at = ${new Date(now + hours * HOUR_MS).toISOString()} where severity = ${severity}
        and resolved_at is null and acknowledged_at is null and snoozed_until is null`.execute(db);
  },
};
