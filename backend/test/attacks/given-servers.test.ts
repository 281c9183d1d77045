// A transfer needs no consent, so what somebody is given must not use up their right to add servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

const MAX = 2;
const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };

describe("another person's right to add servers", () => {
  let fixture: AccessFixture;
  beforeAll(async () => {
    fixture = await prepareAccessFixture({ MAX_SERVERS_PER_USER: String(MAX) });
  });
  afterAll(() => fixture.running.close());

  const add = (person: Person, name: string) => fixture.as(person, 'POST', '/servers', { name, ...machine });
  const give = async (name: string) => {
    const added = await add('stranger', name);
    expect(added.statusCode).toBe(201);
    const { id } = added.json().server;
    return fixture.as('stranger', 'POST', `/servers/${id}/transfer`, { userId: ids.owner });
  };

  test('is not used up by servers that a stranger gives them, of which they get no more than the limit', async () => {
    for (let index = 0; index < MAX; index += 1) expect((await give(`given ${index}`)).statusCode).toBe(200);
    expect((await give('one too many')).json()).toMatchObject({ code: 'conflict' });
    const [given] = (await fixture.as('owner', 'GET', '/servers')).json().servers;
    expect(given.owner).toMatchObject({ id: ids.owner, givenBy: ids.stranger });
    expect((await add('owner', 'own')).statusCode).toBe(201);
    const cloned = await fixture.as('owner', 'POST', `/servers/${given.id}/clone`, {
      name: 'cloned',
      ...machine,
    });
    expect(cloned.statusCode).toBe(201);
    expect((await add('owner', 'one more')).json()).toMatchObject({
      code: 'conflict',
      error: `You have added ${MAX} servers already, and one person may add no more.`,
    });
  });
});
