// The start of Buoy with super-admins in its configuration.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditContext } from '../audit/audit-recorder.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createPeopleStore } from './people.store.ts';
import { createPeople } from './people.ts';
import { admissionParts, userRow } from './testing/people.ts';
import { createUserStore } from './users.store.ts';

let database: DatabaseHandle;
beforeEach(async () => {
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
});
afterEach(() => database.close());

test('the start enables disabled people of ADMIN_USER_IDS, records it, and changes nobody else', async () => {
  const clock = createFakeClock();
  const adminUserIds = new Set(['ada', 'never-seen']);
  const users = createUserStore(database.db);
  const people = createPeople({
    users,
    store: createPeopleStore(database),
    present: admissionParts(database, clock, { adminUserIds }).present,
    adminUserIds,
    onDisabled: () => expect.unreachable(),
    clock,
  });
  const disabledAt = '2026-02-01T10:00:00.000Z';
  for (const id of ['ada', 'bob'])
    await database.db.insertInto('users').values(userRow(id, { disabledAt })).execute();
  const written: unknown[] = [];
  const audit = {
    recorder: ({ target }: AuditContext) => ({ change: () => async () => void written.push(target) }),
  };

  for (let start = 0; start < 2; start += 1) await people.enableConfigured(audit);
  expect(written).toEqual(['ada']);
  expect((await users.find('ada'))?.disabledAt).toBeNull();
  expect((await users.find('bob'))?.disabledAt).toBe(disabledAt);
});
