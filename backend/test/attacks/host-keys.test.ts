// Man in the middle while a server is added: Buoy sends the first password only to the host key that the person was shown.
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
