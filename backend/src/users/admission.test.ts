// Access requests over time, on a FakeClock.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createPeopleStore } from './people.store.ts';
import { admissionParts, userRow } from './testing/people.ts';
import type { PeopleSettings } from './user.presenter.ts';

const HOUR_MS = 3_600_000;

let database: DatabaseHandle;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
});
afterEach(() => database.close());

const known = async (id: string) => {
  const row = userRow(id, { firstName: `Name of ${id}` });
  await database.db.insertInto('users').values(row).execute();
  return row;
};
const parts = (settings: Partial<PeopleSettings> = {}) => admissionParts(database, clock, settings).admission;
const waiting = async () => (await parts().waiting()).map(({ userId }) => userId);

test('access requests: one per person whatever their sign-ins, oldest first', async () => {
  const [ada, bob] = [await known('ada'), await known('bob')];
  await parts().admit(bob);
  clock.pass(HOUR_MS);
  await parts().admit(ada);
  await parts().admit(bob);
  expect(await parts().waiting()).toEqual([
    { userId: 'bob', name: 'Name of bob', requestedAt: isoTime(clock.now() - HOUR_MS) },
    { userId: 'ada', name: 'Name of ada', requestedAt: isoTime(clock.now()) },
  ]);
});

test('access requests: a refused person can ask again after 24 hours', async () => {
  const ada = await known('ada');
  await parts().admit(ada);
  await createPeopleStore(database).refuse('ada', isoTime(clock.now()));
  clock.pass(24 * HOUR_MS - 1);
  await parts().admit(ada);
  expect(await waiting()).toEqual([]);
  clock.pass(1);
  await parts().admit(ada);
  expect(await waiting()).toEqual(['ada']);
});

test('access requests: lapse after 30 days and free their place', async () => {
  const [ada, bob] = [await known('ada'), await known('bob')];
  await parts().admit(ada);
  clock.pass(30 * 24 * HOUR_MS);
  await parts().admit(bob);
  expect(await waiting()).toEqual(['bob']);
});

test('access requests: at most fifty wait, even under concurrent sign-ins', async () => {
  const people = await Promise.all(Array.from({ length: 60 }, (_, index) => known(`p${index}`)));
  await Promise.all(people.map((row) => parts().admit(row)));
  expect(await waiting()).toHaveLength(50);
});

test('open sign-up approves everybody without a request', async () => {
  const ada = await known('ada');
  expect(await parts({ signUp: 'open' }).admit(ada)).toMatchObject({ approved: true, mayAddServers: true });
  expect(await waiting()).toEqual([]);
});

test('super-admins of ADMIN_USER_IDS are approved without a request', async () => {
  const ada = await known('ada');
  const admitted = await parts({ adminUserIds: new Set(['ada']) }).admit(ada);
  expect(admitted).toMatchObject({ isSuperAdmin: true, approved: true, mayAddServers: true });
  expect(await waiting()).toEqual([]);
});
