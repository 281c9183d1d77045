// What is asked of kept answers, in indexes: to read it in the row, SQLite goes through the whole answer. Rows from before count for
// nobody; they are gone after a day.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const keptAnswerSizes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('idempotency_keys')
      .addColumn('person_id', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
    await db.schema
      .alterTable('idempotency_keys')
      .addColumn('bytes', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema
      .createIndex('idempotency_keys_person')
      .on('idempotency_keys')
      .columns(['person_id', 'created_at', 'user_id', 'key', 'bytes'])
      .execute();
    // The beginning of a sealed text names its key. SQLite takes the index for this expression alone, letter for letter.
    await db.schema
      .createIndex('idempotency_keys_sealed')
      .on('idempotency_keys')
      .columns(['user_id', 'key'])
      .expression(sql`substr(response, 1, 36)`)
      .execute();
  },
};
