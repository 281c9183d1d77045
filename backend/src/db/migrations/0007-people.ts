// Approval, access requests, disabled people, and the right to add servers.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const people: Migration = {
  async up(db: Kysely<unknown>) {
    // One column a statement: SQLite's ALTER TABLE takes no more.
    await db.schema.alterTable('users').addColumn('approved_at', 'text').execute();
    await db.schema.alterTable('users').addColumn('disabled_at', 'text').execute();
    await db.schema
      .alterTable('users')
      .addColumn('may_add_servers', 'integer', (c) => c.notNull().defaultTo(1))
      .execute();
    // Whoever is in use of this Buoy stays in; everybody else has to be approved.
    await sql`update users set approved_at = created_at
      where is_super_admin = 1
        or id in (select user_id from grants)
        or id in (select accepted_by from invites where accepted_by is not null)`.execute(db);

    await db.schema
      .createTable('access_requests')
      .addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
      .addColumn('requested_at', 'text', (c) => c.notNull())
      .addColumn('refused_at', 'text')
      .execute();
  },
};
