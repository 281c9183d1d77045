// Finds the place of an alert in its list without reading the alert: a page of a list is a few out of all that its reader has.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const alertPlaces: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createIndex('alerts_place')
      .on('alerts')
      .columns(['server_id', 'resolved_at', 'first_at', 'id'])
      .execute();
    await db.schema.dropIndex('alerts_server').execute();
    await db.schema.dropIndex('alerts_first').execute();
  },
};
