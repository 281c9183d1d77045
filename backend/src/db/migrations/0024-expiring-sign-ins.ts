// Begun sign-ins are found by when they expire and who began them: anybody can begin some, and each began with a look at all of them.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const expiringSignIns: Migration = {
  async up(db: Kysely<unknown>) {
    for (const table of ['device_logins', 'telegram_logins', 'sign_in_challenges'])
      await db.schema.createIndex(`${table}_expires_at`).on(table).column('expires_at').execute();
    await db.schema
      .createIndex('device_logins_ip')
      .on('device_logins')
      .columns(['ip', 'expires_at'])
      .execute();
  },
};
