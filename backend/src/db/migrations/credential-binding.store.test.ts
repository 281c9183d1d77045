// What becomes of the servers of an older Buoy when it learns whose secrets it holds.
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../database.ts';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { credentialBinding } from './0006-credential-binding.ts';

const at = '2026-01-01T00:00:00.000Z';

describe.each(testDatabases())('credential-binding migration on $name', ({ open }) => {
  let database: DatabaseHandle;
  beforeEach(async () => {
    database = await open();
    // Back to how the table was before.
    await sql`drop index servers_jump`.execute(database.db);
    for (const column of ['credential_entered_by', 'credential_host_key', 'jump_server_removed'])
      await sql`alter table servers drop column ${sql.ref(column)}`.execute(database.db);
  });
  afterEach(() => database.close());

  const insert = async (id: string, owner: string, hostKeyFingerprint: string | null) => {
    const { credentialEnteredBy, credentialHostKey, jumpServerRemoved, ...old } = serverRow(id, {
      hostKeyFingerprint,
    });
    await database.db
      .insertInto('servers')
      .values(old as ReturnType<typeof serverRow>)
      .execute();
    await database.db
      .insertInto('grants')
      .values({ serverId: id, userId: owner, role: 'owner', grantedBy: owner, createdAt: at })
      .execute();
  };
  let seq = 0;
  const noteClone = async (source: string, clone: string) => {
    seq += 1;
    await database.db
      .insertInto('auditEntries')
      .values({
        ...{ seq, id: `aud_${seq}`, at, userId: null, action: 'POST /servers/:id/clone', serverId: clone },
        ...{ target: null, result: 'ok', ip: null, requestId: null, mac: '' },
        details: JSON.stringify({ source }),
      })
      .execute();
  };
  const bindings = async () => {
    await credentialBinding.up(database.db);
    const rows = await database.db
      .selectFrom('servers')
      .select(['id', 'credentialEnteredBy', 'credentialHostKey', 'jumpServerRemoved'])
      .execute();
    for (const row of rows) expect(row).toMatchObject({ credentialEnteredBy: null, jumpServerRemoved: 0 });
    return Object.fromEntries(rows.map((row) => [row.id, row.credentialHostKey]));
  };

  test('binds a stored secret to the pinned host key and to no person', async () => {
    await insert('pinned', 'ada', 'SHA256:pinned');
    await insert('unseen', 'ada', null);
    expect(await bindings()).toEqual({ pinned: 'SHA256:pinned', unseen: null });
  });

  test("blocks a secret that a person copied by cloning another person's server", async () => {
    for (const [id, owner] of [
      ['source', 'ada'],
      ['own-clone', 'ada'],
      ['taken', 'bob'],
      ['taken-further', 'bob'],
      ['clone-of-removed', 'bob'],
    ] as const)
      await insert(id, owner, 'SHA256:pinned');
    await noteClone('source', 'own-clone');
    await noteClone('source', 'taken');
    await noteClone('taken', 'taken-further');
    await noteClone('removed', 'clone-of-removed');
    expect(await bindings()).toEqual({
      ...{ source: 'SHA256:pinned', 'own-clone': 'SHA256:pinned' },
      ...{ taken: 'none', 'taken-further': 'none', 'clone-of-removed': 'none' },
    });
  });
});
