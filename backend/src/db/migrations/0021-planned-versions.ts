// The version that a server of a rollout was planned with, beside the one that its update installs.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const plannedVersions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('rollout_servers').addColumn('planned_version', 'text').execute();
    // An update asks in its first step which rollout it is of.
    await db.schema.createIndex('rollout_servers_task').on('rollout_servers').column('task_id').execute();
  },
};
