// What the checks of servers have seen: each one for two days, then an hour and a day together.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const history: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('history_points')
      .addColumn('server_id', 'text', (c) => c.notNull().references('servers.id').onDelete('cascade'))
      .addColumn('step', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('watched_ms', 'integer', (c) => c.notNull())
      .addColumn('up_ms', 'integer', (c) => c.notNull())
      .addColumn('latency_ms', 'double precision')
      .addColumn('latencies', 'integer', (c) => c.notNull())
      .addColumn('disk_used_share', 'double precision')
      .addColumn('memory_used_share', 'double precision')
      .addColumn('gateway_rss_bytes', 'bigint')
      .addColumn('sessions', 'bigint')
      .addColumn('tokens', 'bigint')
      .addColumn('cost_usd', 'double precision')
      .addPrimaryKeyConstraint('history_points_place', ['server_id', 'step', 'at'])
      .execute();
  },
};
