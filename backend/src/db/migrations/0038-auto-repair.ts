// Automatic repair: which servers have it, with whose rights, and the restarts that came of it.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const autoRepair: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('auto_repairs')
      .addColumn('server_id', 'text', (c) => c.primaryKey().references('servers.id').onDelete('cascade'))
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('per_day', 'integer', (c) => c.notNull())
      .addColumn('set_by', 'text', (c) => c.notNull())
      .addColumn('set_at', 'text', (c) => c.notNull())
      .addColumn('ended_at', 'text')
      .execute();
    await db.schema
      .createTable('auto_repair_runs')
      // No reference: many alerts of a flapping server are forgotten within a day, and its restarts still count.
      .addColumn('alert_id', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('task_id', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('result', 'text')
      .execute();
    await db.schema
      .createIndex('auto_repair_runs_server')
      .on('auto_repair_runs')
      .columns(['server_id', 'at'])
      .execute();
    for (const column of ['auto_repaired_at', 'auto_repaired_by', 'auto_repair_result'])
      await db.schema.alterTable('alerts').addColumn(column, 'text').execute();
  },
};
