// A table for update policies, and what a rollout was asked for.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const updatePolicies: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('update_policies')
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('tag', 'text', (c) => c.notNull())
      .addColumn('pinned', 'text')
      // "window" alone is a word of SQL.
      .addColumn('update_window', 'text')
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('update_policies_key', ['user_id', 'tag'])
      .execute();

    // Without a value: the rollout was asked for the exact version that it has.
    await db.schema.alterTable('rollouts').addColumn('wanted', 'text').execute();
  },
};
