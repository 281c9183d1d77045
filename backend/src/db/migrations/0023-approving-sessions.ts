// By which session somebody else is let in: a sign-in link or the approval of a device ends with it.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const approvingSessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('sign_in_links').addColumn('made_by_session', 'text').execute();
    await db.schema.alterTable('device_logins').addColumn('approved_by_session', 'text').execute();
  },
};
