// Whose secret a server's credential is and for which host key, and a jump server that was removed.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const credentialBinding: Migration = {
  async up(db: Kysely<unknown>) {
    // Who entered the secrets of older rows is not known: of a clone it was somebody else than its owner.
    await db.schema.alterTable('servers').addColumn('credential_entered_by', 'text').execute();
    await db.schema.alterTable('servers').addColumn('credential_host_key', 'text').execute();
    await db.schema
      .alterTable('servers')
      .addColumn('jump_server_removed', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await sql`update servers set credential_host_key = host_key_fingerprint`.execute(db);
    await db.schema.createIndex('servers_jump').on('servers').column('jump_server_id').execute();
  },
};
