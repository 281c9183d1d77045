// Finds kept answers by their age alone: to read it in the row, SQLite goes through the whole answer before it.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const keptAnswersAge: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createIndex('idempotency_keys_created')
      .on('idempotency_keys')
      .column('created_at')
      .execute();
  },
};
