// The past of servers over HTTP: who sees the last hours of which servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
let hidden: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  serverId = await fixture.newServer();
  const { server } = (
    await fixture.as('super', 'POST', '/servers', {
      ...{ name: 'hidden', host: '127.0.0.1', port: 2, username: 'root' },
      ...{ authType: 'password', password: 'Stored-pa55word' },
    })
  ).json();
  hidden = server.id;
});
afterAll(() => fixture.running.close());

const hoursFor = async (person: Person, query = '') =>
  (await fixture.as(person, 'GET', `/history/hours${query}`)).json();
const idsIn = ({ servers }: { servers: Array<{ serverId: string }> }) =>
  servers.map((server) => server.serverId);

describe('the last hours of all servers', () => {
  test('are those of the servers that the caller sees, and none for a stranger', async () => {
    expect(idsIn(await hoursFor('viewer'))).toEqual([serverId]);
    expect(idsIn(await hoursFor('stranger'))).toEqual([]);
    expect(idsIn(await hoursFor('super')).sort()).toEqual([serverId, hidden].sort());
  });

  test('are not shown to an admin whose role was taken away', async () => {
    const own = await fixture.newServer();
    expect(idsIn(await hoursFor('admin'))).toContain(own);
    await fixture.as('owner', 'DELETE', `/servers/${own}/access/${ids.admin}`);
    expect(idsIn(await hoursFor('admin'))).not.toContain(own);
  });

  test('a cursor does not lead to a server that the caller cannot see', async () => {
    const first = await hoursFor('super', '?limit=1');
    const rest = await hoursFor('viewer', `?cursor=${first.nextCursor}`);
    expect(idsIn(rest)).not.toContain(hidden);
    const forged = Buffer.from('["../x"]').toString('base64url');
    expect((await fixture.as('viewer', 'GET', `/history/hours?cursor=${forged}`)).statusCode).toBe(400);
  });

  test('401 without a sign-in', async () => {
    const answer = await fixture.running.call('GET', '/history/hours', {});
    expect(answer.statusCode).toBe(401);
  });
});
