// What becomes of the servers of an older Buoy when it learns whose secrets it holds.
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { credentialBinding } from './0006-credential-binding.ts';

test.each(testDatabases())(
  'credential binding on $name › a stored secret is nobody’s, and bound to the pinned host key',
  async ({ open }) => {
    const database = await open();
    const { db } = database;
    try {
      // Back to how the table was before.
      await sql`drop index servers_jump`.execute(db);
      for (const column of ['credential_entered_by', 'credential_host_key', 'jump_server_removed'])
        await sql`alter table servers drop column ${sql.ref(column)}`.execute(db);
      const insert = async (id: string, hostKeyFingerprint: string | null) => {
        const { credentialEnteredBy, credentialHostKey, jumpServerRemoved, ...old } = serverRow(id, {
          hostKeyFingerprint,
        });
        await db
          .insertInto('servers')
          .values(old as ReturnType<typeof serverRow>)
          .execute();
      };
      await insert('pinned', 'SHA256:pinned');
      await insert('unseen', null);

      await credentialBinding.up(db);

      const after = await db
        .selectFrom('servers')
        .select(['id', 'credentialEnteredBy', 'credentialHostKey', 'jumpServerRemoved'])
        .where('id', 'in', ['pinned', 'unseen'])
        .orderBy('id')
        .execute();
      const unknown = { credentialEnteredBy: null, jumpServerRemoved: 0 };
      expect(after).toEqual([
        { id: 'pinned', ...unknown, credentialHostKey: 'SHA256:pinned' },
        { id: 'unseen', ...unknown, credentialHostKey: null },
      ]);
    } finally {
      await database.close();
    }
  },
);
