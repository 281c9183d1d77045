// Who entered a server's address, and whether it may be in a denied network.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const addressChecks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('servers')
      .addColumn('entered_by', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    await db.schema
      .alterTable('servers')
      .addColumn('may_use_denied_networks', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await sql`update servers set entered_by = created_by`.execute(db);
    // Super-admins by ADMIN_USER_IDS are not known here; what they have added in such networks they enter again.
    await sql`update servers set may_use_denied_networks = 1 where jump_server_id is null
      and created_by in (select id from users where is_super_admin = 1)`.execute(db);
  },
};
