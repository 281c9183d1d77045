// Whose secret a server's credential is and for which host key, and a jump server that was removed.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** No host key has this fingerprint: the secret is sent nowhere until somebody enters it again. */
const NO_KEY = 'none';

export const credentialBinding: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('servers').addColumn('credential_entered_by', 'text').execute();
    await db.schema.alterTable('servers').addColumn('credential_host_key', 'text').execute();
    await db.schema
      .alterTable('servers')
      .addColumn('jump_server_removed', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.createIndex('servers_jump').on('servers').column('jump_server_id').execute();

    // Who entered the secrets of older rows is not known.
    await sql`update servers set credential_host_key = host_key_fingerprint`.execute(db);
    for (const id of await clonesOfOthers(db))
      await sql`update servers set credential_host_key = ${NO_KEY} where id = ${id}`.execute(db);
  },
};

/**
 * Clones that people made of servers that they do not own: they took the stored secret along unseen, and kept it when their role
 * ended. Also clones of such clones.
 */
async function clonesOfOthers(db: Kysely<unknown>): Promise<ReadonlySet<string>> {
  const clones = await sql<{ id: string; owner: string; details: string }>`
    select servers.id as id, grants.user_id as owner, audit_entries.details as details
    from audit_entries
    join servers on servers.id = audit_entries.server_id
    join grants on grants.server_id = servers.id and grants.role = 'owner'
    where audit_entries.action = 'POST /servers/:id/clone' and audit_entries.result = 'ok'
    order by audit_entries.seq`.execute(db);
  const owners = await sql<{ id: string; owner: string }>`
    select server_id as id, user_id as owner from grants where role = 'owner'`.execute(db);
  const ownerOf = new Map(owners.rows.map(({ id, owner }) => [id, owner]));
  const found = new Set<string>();
  for (const { id, owner, details } of clones.rows) {
    const { source } = JSON.parse(details) as { source?: unknown };
    if (typeof source !== 'string') continue;
    const sourceOwner = ownerOf.get(source);
    // Of a server that is gone nobody can say whose it was.
    if (found.has(source) || sourceOwner !== owner) found.add(id);
  }
  return found;
}
