// Who made the invite by which a person got their account: guests are counted for each person who invites.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const invitedBy: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('users').addColumn('invited_by', 'text').execute();
    // The account of a guest is as old as the use of their invite; who had an account before is older.
    await sql`update users set invited_by =
      (select invites.created_by from invites
        where invites.accepted_by = users.id and invites.accepted_at = users.created_at)`.execute(db);
    await db.schema.createIndex('users_invited_by').on('users').column('invited_by').execute();
  },
};
