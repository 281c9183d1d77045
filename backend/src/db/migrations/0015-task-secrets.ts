// Keys and passwords that a task needs, sealed, for as long as it has not ended.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const taskSecrets: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('task_secrets')
      .addColumn('task_id', 'text', (column) =>
        column.primaryKey().references('tasks.id').onDelete('cascade').notNull(),
      )
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  },
};
