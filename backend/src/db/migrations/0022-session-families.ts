// What all refresh secrets of a session begin with, so that each of them is known as one of its own, however many there were.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const sessionFamilies: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('sessions').addColumn('family_hash', 'text').execute();
  },
};
