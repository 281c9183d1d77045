// Refresh secrets that were exchanged for newer ones: whoever brings one again has a copy that was meant for one browser.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const sessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('rotated_refresh_secrets')
      .addColumn('secret_hash', 'text', (c) => c.primaryKey())
      .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
      .addColumn('generation', 'integer', (c) => c.notNull())
      .addColumn('attempt_key_hash', 'text')
      .addColumn('voided', 'integer', (c) => c.notNull())
      .addColumn('rotated_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('rotated_refresh_secrets_session')
      .on('rotated_refresh_secrets')
      .columns(['session_id', 'generation'])
      .execute();
  },
};
