// The event stream of the server list, over a real listening socket.
import type { Server } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';
import { type FollowedEvents, followEvents, type ReceivedEvent } from './support/follow-events.ts';

let fixture: AccessFixture;
let url: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => fixture.running.close());

const open: FollowedEvents[] = [];
afterEach(async () => {
  for (const stream of open.splice(0)) await stream.close();
});
const follow = async (person: Person, token = fixture.tokens[person]): Promise<FollowedEvents> => {
  const stream = await followEvents({ token, process: () => ({ url }) }, '/servers/events');
  open.push(stream);
  return stream;
};
const isComplete = ({ event }: ReceivedEvent) => event === 'complete';
const isServer = (id: string, fields: object) => (received: ReceivedEvent) => {
  if (received.event !== 'server') return false;
  const server = received.data as Record<string, unknown>;
  return server.id === id && Object.entries(fields).every(([name, value]) => server[name] === value);
};
const isRemoved = (id: string) => (received: ReceivedEvent) =>
  received.event === 'removed' && (received.data as { id: string }).id === id;

test('server events begin with each server as in GET /servers, and their number', async () => {
  await fixture.newServer({ name: 'first' });
  await fixture.newServer({ name: 'second' });
  const events = await (await follow('admin')).allUntil(isComplete);
  const { servers } = (await fixture.as('admin', 'GET', '/servers')).json();
  expect(servers.length).toBeGreaterThanOrEqual(2);
  const identity = (server: { id: string; name: string; role: string }) => [
    server.id,
    server.name,
    server.role,
  ];
  expect(events.slice(0, -1).map(({ event, data }) => [event, ...identity(data as never)])).toEqual(
    servers.map((server: never) => ['server', ...identity(server)]),
  );
  expect(events.at(-1)?.data).toEqual({ servers: servers.length });
});

test('server events report an empty list to a person who sees no server', async () => {
  expect(await (await follow('stranger')).allUntil(isComplete)).toEqual([
    { event: 'complete', data: { servers: 0 }, id: null },
  ]);
});

test('server events report a new server, its check result, its rename and its removal', async () => {
  const stream = await follow('owner');
  await stream.until(isComplete);
  const { server } = (
    await fixture.as('owner', 'POST', '/servers', {
      ...{ name: 'new', host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' },
    })
  ).json();
  // Saved first, and tested in the background.
  const found = await stream.until(
    (event) => isServer(server.id, {})(event) && (event.data as Server).status.state === 'unreachable',
  );
  expect(found.data).toMatchObject({ name: 'new' });
  await fixture.as('owner', 'PUT', `/servers/${server.id}`, { name: 'renamed' });
  await stream.until(isServer(server.id, { name: 'renamed' }));
  await fixture.as('owner', 'DELETE', `/servers/${server.id}`);
  await stream.until(isRemoved(server.id));
});

test('server events show a server when a role is granted, its new role when changed, and remove it when revoked', async () => {
  const serverId = await fixture.newServer({ name: 'lent' });
  const stream = await follow('stranger');
  await stream.until(isComplete);
  const access = `/servers/${serverId}/access`;
  await fixture.as('owner', 'POST', access, { userId: ids.stranger, role: 'viewer' });
  await stream.until(isServer(serverId, { role: 'viewer' }));
  await fixture.as('owner', 'PUT', `${access}/${ids.stranger}`, { role: 'admin' });
  await stream.until(isServer(serverId, { role: 'admin' }));
  await fixture.as('owner', 'DELETE', `${access}/${ids.stranger}`);
  await stream.until(isRemoved(serverId));
});

test('server events leave out servers that the reader may not see', async () => {
  const stream = await follow('stranger');
  await stream.until(isComplete);
  const hidden = await fixture.newServer({ name: 'hidden' });
  const shown = await fixture.newServer({ name: 'shown' });
  await fixture.as('owner', 'POST', `/servers/${shown}/access`, { userId: ids.stranger, role: 'viewer' });
  const events = await stream.allUntil(isServer(shown, {}));
  expect(events.filter(({ data }) => JSON.stringify(data).includes(hidden))).toEqual([]);
});

test('server events end when the reader signs out', async () => {
  const token = await fixture.running.signIn(Number(ids.viewer));
  const stream = await follow('viewer', token);
  await stream.until(isComplete);
  await fixture.running.call('POST', '/auth/logout', { token });
  await expect(stream.until(() => false, 10_000)).rejects.toThrow('/servers/events ended');
});
