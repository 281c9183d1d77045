// What retention removed from the audit log, and when it goes through the log next.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const auditRetention: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('audit_checkpoint')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('seq', 'integer', (c) => c.notNull())
      .addColumn('mac', 'text', (c) => c.notNull())
      .addColumn('pruned', 'integer', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('seal', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('audit_retention')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('due_at', 'text', (c) => c.notNull())
      .execute();
  },
};
