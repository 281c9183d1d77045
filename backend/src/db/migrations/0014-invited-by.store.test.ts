// Which people of an older Buoy count as guests of the person who invited them.
import { expect, test } from 'vitest';
import { newGuest, newPerson } from '../../users/new-person.ts';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { invitedBy } from './0014-invited-by.ts';

test.each(testDatabases())(
  'invited-by migration on $name knows the guests whose invites are kept, and no person who had an account before',
  async ({ open }) => {
    const { db, close } = await open();
    const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    const people = {
      guest: newGuest({ name: 'Guest', invitedBy: 'ada', createdAt: late }),
      member: newPerson({ name: 'Member', approvedAt: late, createdAt: early }),
      other: newPerson({ name: 'Other', approvedAt: late, createdAt: late }),
    };
    for (const row of Object.values(people)) await db.insertInto('users').values(row).execute();
    await db
      .insertInto('servers')
      .values(serverRow('srv_1', { createdBy: 'ada' }))
      .execute();
    for (const { id } of [people.guest, people.member])
      await db
        .insertInto('invites')
        .values({
          ...{ id: `inv_${id}`, serverId: 'srv_1', role: 'viewer', codeHash: id, createdBy: 'ada' },
          ...{ createdAt: early, expiresAt: late, acceptedBy: id, acceptedAt: late },
        })
        .execute();
    await db.schema.dropIndex('users_invited_by').execute();
    await db.schema.alterTable('users').dropColumn('invited_by').execute();

    await invitedBy.up(db);
    const rows = await db.selectFrom('users').select(['id', 'invitedBy']).execute();
    expect(Object.fromEntries(rows.map((row) => [row.id, row.invitedBy]))).toEqual({
      [people.guest.id]: 'ada',
      [people.member.id]: null,
      [people.other.id]: null,
    });
    await close();
  },
);
