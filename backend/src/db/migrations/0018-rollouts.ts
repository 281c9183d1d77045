// Tables for rollouts: one update of many servers, in waves.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const rollouts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('rollouts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('component', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('pause_s', 'integer', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('finished_at', 'text')
      .execute();
    await db.schema
      .createIndex('rollouts_person')
      .on('rollouts')
      .columns(['created_by', 'created_at', 'id'])
      .execute();
    await db.schema.createIndex('rollouts_created').on('rollouts').columns(['created_at', 'id']).execute();
    await db.schema.createIndex('rollouts_status').on('rollouts').column('status').execute();

    // Without a reference to the server: what was done stays in the report when it is removed.
    await db.schema
      .createTable('rollout_servers')
      .addColumn('rollout_id', 'text', (c) => c.notNull().references('rollouts.id').onDelete('cascade'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('wave', 'integer', (c) => c.notNull())
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('from_version', 'text')
      .addColumn('to_version', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('task_id', 'text')
      .addColumn('error', 'text')
      .addColumn('finished_at', 'text')
      .addPrimaryKeyConstraint('rollout_servers_key', ['rollout_id', 'position'])
      .execute();
    await db.schema.createIndex('rollout_servers_status').on('rollout_servers').column('status').execute();
  },
};
