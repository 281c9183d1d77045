// What Buoy keeps of each server's OpenClaw beside snapshots: the revisions of its config.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const openclaw: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('openclaw_config_revisions')
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('rev', 'integer', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text')
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('note', 'text')
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('problem', 'text')
      .addColumn('config', 'text')
      .addColumn('changed_paths', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('openclaw_config_revisions_pk', ['server_id', 'rev'])
      .execute();

    await db.schema
      .createTable('control_ui_visits')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('session_id', 'text', (c) => c.references('sessions.id').onDelete('cascade'))
      .addColumn('stage', 'text', (c) => c.notNull())
      .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .execute();
  },
};
