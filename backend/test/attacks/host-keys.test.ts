// Man in the middle while a server is added or moved: Buoy sends a password only to the host key that the person was shown or named.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

let fixture: AccessFixture;
let machine: ScriptedServer;
const shownElsewhere = `SHA256:${'A'.repeat(43)}`;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterEach(() => machine.close());
afterAll(() => fixture.running.close());

/** ssh2's key generator fails now and then. */
const newHostKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString();

const start = async () => {
  machine = await startScriptedServer({
    onAuth: (context) => (context.method === 'none' ? context.reject(['password']) : context.accept()),
    config: { hostKeys: [newHostKey()] },
  });
};
let added = 0;
const add = (more: object) => {
  added += 1;
  return fixture.as('owner', 'POST', '/servers', {
    ...{ name: `new ${added}`, host: '127.0.0.1', port: machine.port, username: 'root' },
    ...{ authType: 'password', password: 'First-pa55word', ...more },
  });
};
const scan = (body: object) => fixture.as('owner', 'POST', '/servers/host-key', body);
const testOf = async (id: string) => (await fixture.as('owner', 'POST', `/servers/${id}/test`)).json();

describe('man in the middle at a new server', () => {
  test('gets no password when its host key is not the one that the person was shown', async () => {
    await start();
    const added = await add({ hostKey: shownElsewhere });
    expect(added.statusCode).toBe(201);
    const { id } = added.json().server;
    const tested = await testOf(id);
    expect(machine.tried).toEqual([]);
    expect(tested.failure.kind).toBe('host_key_changed');
    const { server } = (await fixture.as('owner', 'GET', `/servers/${id}`)).json();
    expect(server.hostKey).toBeNull();
  });

  test('gets no password by a host key scan, which shows the key and does not log in', async () => {
    await start();
    const scanned = await scan({ host: '127.0.0.1', port: machine.port });
    expect(scanned.statusCode).toBe(200);
    const { hostKey } = scanned.json();
    expect(hostKey).toEqual({
      algorithm: 'ecdsa-sha2-nistp256',
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
    });
    expect(machine.tried).toEqual([]);
    const { id } = (await add({ hostKey: hostKey.fingerprint })).json().server;
    await testOf(id);
    const { server } = (await fixture.as('owner', 'GET', `/servers/${id}`)).json();
    expect(server.hostKey).toMatchObject(hostKey);
    expect(machine.tried).not.toEqual([]);
  });

  test('gets no password from a clone that expects another key', async () => {
    await start();
    const { id } = (await add({})).json().server;
    await testOf(id);
    machine.tried.length = 0;
    const clone = async (more: object) =>
      fixture.as('owner', 'POST', `/servers/${id}/clone`, { name: 'twin', host: '127.0.0.1', ...more });
    expect((await clone({ hostKey: shownElsewhere })).json().details[0].path).toBe('password');
    const cloned = await clone({ hostKey: shownElsewhere, password: 'Second-pa55word' });
    expect((await testOf(cloned.json().server.id)).failure.kind).toBe('host_key_changed');
    expect(machine.tried).toEqual([]);
  });
});

describe('man in the middle at the new address of a server that moves', () => {
  const moveTo = (id: string, more: object = {}, person: 'owner' | 'admin' = 'owner') =>
    fixture.as(person, 'PUT', `/servers/${id}`, {
      ...{ port: machine.port, password: 'Second-pa55word', ...more },
    });
  const keyHere = async () => (await scan({ host: '127.0.0.1', port: machine.port })).json().hostKey;

  test.each([
    ['whose key was named when it was added', { hostKey: shownElsewhere }, {}],
    ['whose key is named with the new address', {}, { hostKey: shownElsewhere }],
    ['whose key is named both times', { hostKey: shownElsewhere }, { hostKey: shownElsewhere }],
  ])('gets no password of a server %s, also when it never was reached', async (_, first, second) => {
    await start();
    const { id } = (await add({ port: 1, ...first })).json().server;
    expect((await moveTo(id, second)).statusCode).toBe(200);
    const tested = await testOf(id);
    expect(machine.tried).toEqual([]);
    expect(tested.failure.kind).toBe('host_key_changed');
    const { server } = (await fixture.as('owner', 'GET', `/servers/${id}`)).json();
    expect(server.hostKey).toBeNull();
  });

  test('the machine with the named key gets it, and is pinned', async () => {
    await start();
    const { id } = (await add({ port: 1, hostKey: shownElsewhere })).json().server;
    const { fingerprint } = await keyHere();
    expect((await moveTo(id, { hostKey: fingerprint })).statusCode).toBe(200);
    await testOf(id);
    expect(machine.tried).not.toEqual([]);
    const { server } = (await fixture.as('owner', 'GET', `/servers/${id}`)).json();
    expect(server.hostKey.fingerprint).toBe(fingerprint);
  });

  test('a key that an admin names replaces none that is pinned, and nothing is sent until the owner accepts it', async () => {
    await start();
    const id = await fixture.newServer({ port: machine.port });
    await testOf(id);
    const before = (await fixture.as('owner', 'GET', `/servers/${id}`)).json().server.hostKey;
    machine.tried.length = 0;
    expect((await moveTo(id, { hostKey: shownElsewhere }, 'admin')).statusCode).toBe(200);
    expect((await testOf(id)).failure.kind).toBe('auth');
    expect(machine.tried).toEqual([]);
    const { server } = (await fixture.as('owner', 'GET', `/servers/${id}`)).json();
    expect(server.hostKey.fingerprint).toBe(before.fingerprint);
  });

  test('gets no stored password by a key that an admin names, who did not enter it', async () => {
    await start();
    const id = await fixture.newServer({ hostKey: shownElsewhere });
    const { fingerprint } = await keyHere();
    const key = { hostKey: fingerprint };
    const refused = await fixture.as('admin', 'PUT', `/servers/${id}`, key);
    expect([refused.statusCode, refused.json().details[0].path]).toEqual([400, 'password']);
    // The owner, who entered it, decides where it goes.
    expect((await fixture.as('owner', 'PUT', `/servers/${id}`, key)).statusCode).toBe(200);
    const again = await fixture.as('owner', 'GET', `/servers/${id}`);
    // Naming the same key again changes nothing.
    expect((await fixture.as('admin', 'PUT', `/servers/${id}`, key)).statusCode).toBe(200);
    expect((await fixture.as('owner', 'GET', `/servers/${id}`)).json().server.version).toBe(
      again.json().server.version,
    );
    expect((await fixture.as('owner', 'PUT', `/servers/${id}`, { port: machine.port })).statusCode).toBe(200);
    await testOf(id);
    expect(machine.tried).not.toEqual([]);
  });
});

test('a host key that was shown at the old address is not accepted for the machine at the new one', async () => {
  await start();
  const { id } = (await add({ hostKey: shownElsewhere })).json().server;
  const { failure } = await testOf(id);
  expect(failure.kind).toBe('host_key_changed');
  const { fingerprint } = (await scan({ host: '127.0.0.1', port: machine.port })).json().hostKey;
  await machine.close();
  await start();
  const change = { port: machine.port, password: 'Second-pa55word' };
  expect((await fixture.as('owner', 'PUT', `/servers/${id}`, change)).statusCode).toBe(200);
  const accepted = await fixture.as('owner', 'POST', `/servers/${id}/host-key/accept`, { fingerprint });
  expect(accepted.json().code).toBe('host_key_mismatch');
});

describe('POST /servers/host-key', () => {
  test('returns 503 with the kind of failure when nothing listens there', async () => {
    await start();
    await machine.close();
    const refused = await scan({ host: '127.0.0.1', port: machine.port });
    expect(refused.statusCode).toBe(503);
    expect(refused.json().details.kind).toBe('refused');
  });

  test('returns 400 through a server on which the caller is not an admin', async () => {
    await start();
    const jumpServerId = await fixture.newServer();
    const body = { host: '127.0.0.1', port: machine.port, jumpServerId };
    for (const person of ['viewer', 'stranger'] as const) {
      const refused = await fixture.as(person, 'POST', '/servers/host-key', body);
      expect([refused.statusCode, refused.json().details[0].path]).toEqual([400, 'jumpServerId']);
    }
  });
});
