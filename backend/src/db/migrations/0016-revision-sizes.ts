// The size of each config revision beside it: to measure the texts themselves, the database reads all of them.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const revisionSizes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('openclaw_config_revisions')
      .addColumn('bytes', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`
      update openclaw_config_revisions set bytes =
        octet_length(hash) + octet_length(changed_paths) + coalesce(octet_length(note), 0)
        + coalesce(octet_length(problem), 0) + coalesce(octet_length(config), 0)`.execute(db);
    // SQLite answers what a server has from this index alone.
    await db.schema
      .createIndex('openclaw_config_revisions_bytes')
      .on('openclaw_config_revisions')
      .columns(['server_id', 'rev', 'bytes'])
      .execute();
  },
};
