// What an upgrade makes of servers that were added before addresses were checked.
import { expect, test } from 'vitest';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { addressChecks } from './0008-address-checks.ts';

test.each(testDatabases())(
  'address-checks migration on $name keeps a server in a denied network only if a known super-admin added it',
  async ({ open }) => {
    const { db, close } = await open();
    const person = (id: string, isSuperAdmin: number) => ({
      ...{ id, isSuperAdmin, username: null, firstName: null, lastName: null, photoUrl: null },
      ...{ languageCode: null, mayAddServers: 1, createdAt: '2026-01-01T00:00:00.000Z' },
    });
    for (const [id, isSuperAdmin] of [
      ['super', 1],
      ['ada', 0],
    ] as const)
      await db.insertInto('users').values(person(id, isSuperAdmin)).execute();
    const rows = [
      serverRow('of-super', { createdBy: 'super' }),
      serverRow('of-ada', { createdBy: 'ada' }),
      serverRow('of-nobody', { createdBy: 'gone' }),
      serverRow('behind-jump', { createdBy: 'super', jumpServerId: 'of-super' }),
    ];
    for (const row of rows) await db.insertInto('servers').values(row).execute();
    for (const column of ['entered_by', 'may_use_denied_networks'])
      await db.schema.alterTable('servers').dropColumn(column).execute();

    await addressChecks.up(db);
    const after = await db
      .selectFrom('servers')
      .select(['id', 'enteredBy', 'mayUseDeniedNetworks'])
      .orderBy('id')
      .execute();
    expect(after.map((row) => Object.values(row))).toEqual([
      ['behind-jump', 'super', 0],
      ['of-ada', 'ada', 0],
      ['of-nobody', 'gone', 0],
      ['of-super', 'super', 1],
    ]);
    await close();
  },
);
