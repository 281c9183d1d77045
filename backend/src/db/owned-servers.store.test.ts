// How many servers a person may add and be given, on both databases.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccessStore } from '../access/access.store.ts';
import { createMembers, type Members } from '../access/members.ts';
import { callerWith, createPeopleOf, createStillClock } from '../access/testing/servers-and-people.ts';
import { createServerStore, type ServerStore } from '../servers/servers.store.ts';
import type { DatabaseHandle } from './database.ts';
import { testDatabases } from './testing/databases.ts';
import { serverRow } from './testing/server-row.ts';

const MAX = 2;
const limit = { maxOwned: MAX, full: () => new Error('full') };

describe.each(testDatabases())('owned servers on $name', ({ open }) => {
  let database: DatabaseHandle;
  let servers: ServerStore;
  let members: Members;
  let run = 0;
  let [ada, eve] = ['', ''];
  beforeAll(async () => {
    database = await open();
    servers = createServerStore(database.db);
    members = createMembers({
      endMaintenanceOf: () => async () => {},
      store: createAccessStore(database.db),
      isSuperAdmin: async () => false,
      serversPerUser: MAX,
      onChanged: () => Promise.resolve(),
      clock: createStillClock(),
    });
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    run += 1;
    [ada, eve] = [`${run}001`, `${run}002`];
    const people = createPeopleOf(database);
    await people.signIn(ada);
    await people.signIn(eve);
  });

  const add = async (owner: string, name: string): Promise<string> => {
    const id = `srv_${run}_${name}`;
    await servers.insert(serverRow(id, { createdBy: owner }), undefined, limit);
    return id;
  };
  const give = (from: string, serverId: string, to: string) =>
    members.transfer(callerWith(from), serverId, to);
  const owned = async (person: string) =>
    (await servers.list(person)).filter(({ role }) => role === 'owner').length;

  test('what others give to a person does not count against what that person may add', async () => {
    for (const name of ['one', 'two']) await give(eve, await add(eve, name), ada);
    await add(ada, 'three');
    await add(ada, 'four');
    await expect(add(ada, 'five')).rejects.toThrow('full');
    expect(await owned(ada)).toBe(2 * MAX);
  });

  test('passing servers round gives nobody more than they may add and be given', async () => {
    for (const name of ['one', 'two']) await give(eve, await add(eve, name), ada);
    const own = [await add(eve, 'three'), await add(eve, 'four')];
    await expect(give(eve, own[0] ?? '', ada)).rejects.toMatchObject({
      code: 'conflict',
      message: `"${ada}" owns 2 servers that others gave them, and one person may be given no more.`,
    });
    // Given back, a server is a gift as well, and its place among those that were added is free.
    for (const name of ['one', 'two']) await give(ada, `srv_${run}_${name}`, eve);
    expect(await owned(eve)).toBe(2 * MAX);
    await give(eve, own[0] ?? '', ada);
    await expect(give(ada, own[0] ?? '', eve)).rejects.toMatchObject({ code: 'conflict' });
    await add(eve, 'five');
    await expect(add(eve, 'six')).rejects.toThrow('full');
    expect(await owned(eve)).toBe(2 * MAX);
  });
});
