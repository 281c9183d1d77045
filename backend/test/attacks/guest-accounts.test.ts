// One person invites accounts of their own, to pass each limit that is counted for a person.
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

const MIB = 1_048_576;
const MAX_GUESTS = 20;
const machine = { host: '192.0.2.1', port: 1, username: 'x', authType: 'password', password: 'x' };

let fixture: AccessFixture;
let url: string;
const calls = new Set<ClientRequest>();
const sockets = new Set<Socket>();
beforeAll(async () => {
  fixture = await prepareAccessFixture({ SIGN_UP: 'approval', MAX_STREAMS: '40' });
  for (const person of ['owner', 'stranger'] as const)
    await fixture.as('super', 'POST', `/admin/users/${ids[person]}/approve`);
  url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => {
  for (const one of calls) one.destroy();
  for (const one of sockets) one.destroy();
  calls.clear();
  sockets.clear();
});
afterAll(() => fixture.running.close());

type Guest = { id: string; token: string };

const refusal = ({ statusCode, body }: LightMyRequestResponse) => [statusCode, JSON.parse(body).code];
let servers = 0;
const addServer = async (token: string): Promise<string> => {
  servers += 1;
  const body = { ...machine, name: `server ${servers}` };
  const made = await fixture.running.call('POST', '/servers', { token, body });
  if (made.statusCode !== 201) throw new Error(made.body);
  return made.json().server.id;
};
const invite = async (token: string, serverId: string, role = 'admin'): Promise<string> => {
  const made = await fixture.running.call('POST', `/servers/${serverId}/invites`, { token, body: { role } });
  if (made.statusCode !== 201) throw new Error(made.body);
  return made.json().invite.url.split('#code=')[1];
};
const join = (code: string) =>
  fixture.running.call('POST', '/auth/invite', { body: { code, name: 'Guest' } });
const guestOf = async (token: string, serverId: string): Promise<Guest> => {
  const joined = await join(await invite(token, serverId));
  if (joined.statusCode !== 200) throw new Error(joined.body);
  return { id: joined.json().user.id, token: joined.json().token };
};
/** A person approved by a super-admin, with a server of their own. */
let nextId = 9_000;
const newOwner = async (): Promise<Guest & { serverId: string }> => {
  nextId += 1;
  const token = await fixture.running.signIn(nextId);
  await fixture.as('super', 'POST', `/admin/users/${nextId}/approve`);
  return { id: String(nextId), token, serverId: await addServer(token) };
};
const allow = (id: string, mayAddServers: boolean) =>
  fixture.as('super', 'PUT', `/admin/users/${id}`, { mayAddServers });

describe('a guest', () => {
  test('gets neither a server nor guests of their own, until a super-admin allows it', async () => {
    const owner = await newOwner();
    const { id, token } = await guestOf(owner.token, owner.serverId);
    const me = async () => (await fixture.running.call('GET', '/me', { token })).json().user;
    expect(await me()).toMatchObject({ approved: true, mayAddServers: false });
    const add = () =>
      fixture.running.call('POST', '/servers', { token, body: { ...machine, name: 'of the guest' } });
    const clone = () =>
      fixture.running.call('POST', `/servers/${owner.serverId}/clone`, {
        token,
        body: { ...machine, name: 'clone of the guest' },
      });
    expect(refusal(await add())).toEqual([403, 'forbidden']);
    expect(refusal(await clone())).toEqual([403, 'forbidden']);
    expect(
      refusal(
        await fixture.running.call('POST', `/servers/${owner.serverId}/invites`, {
          token,
          body: { role: 'viewer' },
        }),
      ),
    ).toEqual([403, 'forbidden']);
    await allow(id, true);
    expect(await me()).toMatchObject({ mayAddServers: true });
    expect((await add()).statusCode).toBe(201);
  });

  test('does not become an owner by a transfer, from their inviter or a super-admin, until one allows it', async () => {
    const owner = await newOwner();
    const { id, token } = await guestOf(owner.token, owner.serverId);
    const transfer = (by: string) =>
      fixture.running.call('POST', `/servers/${owner.serverId}/transfer`, {
        token: by,
        body: { userId: id },
      });
    for (const by of [owner.token, fixture.tokens.super]) {
      const refused = await transfer(by);
      expect(refused.statusCode).toBe(409);
      expect(refused.json()).toMatchObject({
        code: 'conflict',
        error: `"${id}" may not add servers to this Buoy, so cannot become an owner.`,
        hint: expect.stringContaining('super-admin'),
      });
    }
    expect(await fixture.rolesOn(owner.serverId)).toMatchObject({ [owner.id]: 'owner', [id]: 'admin' });
    await allow(id, true);
    expect((await transfer(owner.token)).statusCode).toBe(200);
    expect(
      (await fixture.running.call('GET', `/servers/${owner.serverId}`, { token })).json().server.role,
    ).toBe('owner');
  });

  test('cannot go on as an owner when the right ends at the moment of a transfer', async () => {
    const owner = await newOwner();
    const { id } = await guestOf(owner.token, owner.serverId);
    await allow(id, true);
    const [, moved] = await Promise.all([
      allow(id, false),
      fixture.running.call('POST', `/servers/${owner.serverId}/transfer`, {
        token: owner.token,
        body: { userId: id },
      }),
    ]);
    const role = (await fixture.rolesOn(owner.serverId))[id];
    expect([moved.statusCode, role]).toEqual(moved.statusCode === 200 ? [200, 'owner'] : [409, 'admin']);
  });
});

describe('a person who invites accounts of their own', () => {
  test('gets at most twenty, also from two servers at once; the next one is told whom to ask', async () => {
    const owner = await newOwner();
    const other = await addServer(owner.token);
    const codes: string[] = [];
    for (let at = 0; at < 40; at += 1)
      codes.push(await invite(owner.token, at % 2 === 0 ? owner.serverId : other));
    const answers = await Promise.all(codes.map(join));
    const refused = answers.filter(({ statusCode }) => statusCode !== 200);
    expect(answers.length - refused.length).toBe(MAX_GUESTS);
    for (const answer of refused) {
      expect(answer.json()).toMatchObject({
        code: 'conflict',
        error: 'The person who invited you has reached the limit of 20 guests.',
        hint: expect.stringContaining('Ask the person who invited you'),
      });
      expect(answer.headers['set-cookie']).toBeUndefined();
      for (const told of [owner.id, 'User', owner.serverId]) expect(answer.body).not.toContain(told);
    }
    // The invites are still open: for a person with an account, and when a guest was disabled.
    const [code = '', next = ''] = codes.filter((_, at) => answers[at]?.statusCode !== 200);
    const member = await fixture.as('stranger', 'POST', '/invites/accept', { code });
    expect(member.statusCode).toBe(200);
    const guest = answers.find(({ statusCode }) => statusCode === 200)?.json().user.id;
    await fixture.as('super', 'POST', `/admin/users/${guest}/disable`);
    expect((await join(next)).statusCode).toBe(200);
    expect(refusal(await join(await invite(owner.token, other)))).toEqual([409, 'conflict']);
    // Transferring the server leaves them with as many guests.
    await fixture.running.call('POST', `/servers/${other}/transfer`, {
      token: owner.token,
      body: { userId: ids.owner },
    });
    expect(refusal(await join(await invite(owner.token, owner.serverId)))).toEqual([409, 'conflict']);
    // The limit is of the person who invites: another one of the same server has their own.
    expect((await join(await invite(fixture.tokens.owner, other))).statusCode).toBe(200);
  });

  test('a super-admin invites more, since they could add those people anyway', async () => {
    const serverId = await addServer(fixture.tokens.super);
    for (let at = 0; at <= MAX_GUESTS; at += 1) await guestOf(fixture.tokens.super, serverId);
  });

  test('does not lock the super-admins out by taking all streams', async () => {
    const owner = await newOwner();
    const people = [
      owner,
      await guestOf(owner.token, owner.serverId),
      await guestOf(owner.token, owner.serverId),
    ];
    const statuses: number[] = [];
    for (const { token } of people) for (let at = 0; at < 20; at += 1) statuses.push(await openList(token));
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    expect(statuses.slice(30)).toEqual(Array(30).fill(503));
    for (let at = 0; at < 10; at += 1) expect(await openList(fixture.tokens.super)).toBe(200);
    expect(await openList(fixture.tokens.super)).toBe(503);
  });

  test('does not hold memory without a limit by the uploads of all guests, and others still upload', async () => {
    const owner = await newOwner();
    const people: Guest[] = [owner];
    while (people.length < 12) people.push(await guestOf(owner.token, owner.serverId));
    const refused = await Promise.all(
      people.flatMap(({ token }) => Array.from({ length: 6 }, () => beginUpload(owner.serverId, token))),
    );
    const heldMiB = refused.filter((status) => status === 0).length * 5;
    expect(refused.filter((status) => status !== 0).every((status) => status === 429)).toBe(true);
    // 256 MiB for all, and then one upload for each person.
    expect(heldMiB).toBeLessThanOrEqual(256 + people.length * 5);
    expect(heldMiB).toBeLessThan(people.length * 30);
    const serverId = await addServer(fixture.tokens.stranger);
    expect(await beginUpload(serverId, fixture.tokens.stranger)).toBe(0);
    expect((await fixture.as('stranger', 'GET', '/servers')).statusCode).toBe(200);
  });
});

/** Opens the list as a stream and reads nothing of it. */
function openList(token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const call = request(`${url}/api/servers/events`, { headers, agent: false });
    calls.add(call);
    call.on('error', reject);
    call.on('response', (response) => {
      response.on('error', () => undefined);
      resolve(response.statusCode ?? 0);
    });
    call.end();
  });
}

/** Announces an upload and sends none of it: the status that arrives within two seconds; 0: none, because Buoy waits for the body. */
async function beginUpload(serverId: string, token: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.add(socket);
  await once(socket, 'connect');
  const head = [
    `POST /api/servers/${serverId}/openclaw/skills/upload HTTP/1.1`,
    ...['host: a', `authorization: Bearer ${token}`],
    ...['content-type: application/zip', `content-length: ${5 * MIB}`, '', ''],
  ].join('\r\n');
  socket.write(head);
  return Promise.race([
    once(socket, 'readable').then(() => Number(/^HTTP\/1\.1 (\d+)/.exec(String(socket.read(12)))?.[1])),
    new Promise<number>((resolve) => setTimeout(resolve, 2_000, 0)),
  ]);
}
