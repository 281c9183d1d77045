// The first tables: people, sign-in, servers, grants, tasks.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const spine: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('users')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('username', 'text')
      .addColumn('first_name', 'text')
      .addColumn('last_name', 'text')
      .addColumn('photo_url', 'text')
      .addColumn('language_code', 'text')
      .addColumn('is_super_admin', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('sessions')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('refresh_hash', 'text', (c) => c.notNull())
      .addColumn('ip', 'text')
      .addColumn('user_agent', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('last_used_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('revoked_at', 'text')
      .execute();
    await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute();

    await db.schema
      .createTable('sign_in_links')
      .addColumn('code_hash', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.references('users.id').onDelete('cascade'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .execute();

    await db.schema
      .createTable('init_data_uses')
      .addColumn('hash', 'text', (c) => c.primaryKey())
      .addColumn('launch_key_hash', 'text')
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('servers')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('port', 'integer', (c) => c.notNull())
      .addColumn('username', 'text', (c) => c.notNull())
      .addColumn('auth_type', 'text', (c) => c.notNull())
      .addColumn('credential', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('jump_server_id', 'text', (c) => c.references('servers.id').onDelete('restrict'))
      .addColumn('host_key_algorithm', 'text')
      .addColumn('host_key_fingerprint', 'text')
      .addColumn('host_key_pinned_at', 'text')
      .addColumn('offered_key_algorithm', 'text')
      .addColumn('offered_key_fingerprint', 'text')
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('server_statuses')
      .addColumn('server_id', 'text', (c) => c.primaryKey().references('servers.id').onDelete('cascade'))
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('checked_at', 'text')
      .addColumn('reasons', 'text', (c) => c.notNull())
      .addColumn('openclaw_installed', 'integer')
      .addColumn('openclaw_version', 'text')
      .execute();

    // A grant may precede its person's first sign-in, hence no reference to users.
    await db.schema
      .createTable('grants')
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('granted_by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('grants_key', ['server_id', 'user_id'])
      .execute();
    await db.schema.createIndex('grants_user').on('grants').column('user_id').execute();

    await db.schema
      .createTable('openclaw_snapshots')
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('observed_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('openclaw_snapshots_key', ['server_id', 'kind'])
      .execute();

    await db.schema
      .createTable('tasks')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('server_id', 'text', (c) => c.references('servers.id').onDelete('cascade'))
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('input', 'text', (c) => c.notNull())
      .addColumn('result', 'text')
      .addColumn('error', 'text')
      .addColumn('cancel_requested', 'integer', (c) => c.notNull())
      // Nulls are distinct for both engines: only active exclusive tasks collide.
      .addColumn('exclusive_key', 'text', (c) => c.unique())
      .addColumn('output_bytes', 'bigint', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('started_at', 'text')
      .addColumn('finished_at', 'text')
      .execute();
    await db.schema.createIndex('tasks_server').on('tasks').columns(['server_id', 'created_at']).execute();
    await db.schema.createIndex('tasks_created').on('tasks').columns(['created_at', 'id']).execute();
    await db.schema.createIndex('tasks_status').on('tasks').column('status').execute();

    await db.schema
      .createTable('task_steps')
      .addColumn('task_id', 'text', (c) => c.notNull().references('tasks.id').onDelete('cascade'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('step_id', 'text', (c) => c.notNull())
      .addColumn('title', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('detail', 'text')
      .addColumn('fraction', 'double precision', (c) => c.notNull())
      .addColumn('state', 'text')
      .addColumn('result', 'text')
      .addColumn('output_tail', 'text', (c) => c.notNull())
      .addColumn('started_at', 'text')
      .addColumn('finished_at', 'text')
      .addPrimaryKeyConstraint('task_steps_key', ['task_id', 'position'])
      .execute();

    await db.schema
      .createTable('task_outputs')
      .addColumn('task_id', 'text', (c) => c.notNull().references('tasks.id').onDelete('cascade'))
      .addColumn('offset', 'bigint', (c) => c.notNull())
      .addColumn('step_id', 'text', (c) => c.notNull())
      .addColumn('text', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('task_outputs_key', ['task_id', 'offset'])
      .execute();

    await db.schema
      .createTable('idempotency_keys')
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('request_hash', 'text', (c) => c.notNull())
      .addColumn('status', 'integer')
      .addColumn('response', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('idempotency_keys_key', ['user_id', 'key'])
      .execute();
  },
};
