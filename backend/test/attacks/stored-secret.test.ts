// Stored secrets must reach neither people whose access was reduced nor machines that pretend to be a managed server.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

const PASSWORD = 'Stored-pa55word';

/** A machine that accepts every login and records the passwords it receives. */
type Machine = { port: number; passwords: string[]; close(): Promise<void> };

let fixture: AccessFixture;
const closing: Array<() => Promise<void>> = [];
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => fixture.running.close());

/** ssh2's key generator fails now and then. */
const newHostKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString();

/** @param port null: any free port */
async function startMachine(port: number | null = null): Promise<Machine> {
  const passwords: string[] = [];
  const hostKeys = [newHostKey()];
  const onAuth = (context: ssh2.AuthContext) => {
    if (context.method === 'none') return context.reject(['password']);
    if (context.method === 'password') passwords.push(context.password);
    return context.accept();
  };
  if (port === null) {
    const server = await startScriptedServer({ onAuth, config: { hostKeys } });
    closing.push(server.close);
    return { port: server.port, passwords, close: server.close };
  }
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys }, (client) => {
    clients.add(client);
    client.on('error', () => {});
    client.on('authentication', onAuth);
    client.on('session', (accept) => accept().on('exec', (run) => run().exit(0)));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const client of clients) client.end();
    await new Promise<void>((done) => server.close(() => done()));
  };
  closing.push(close);
  return { port: (server.address() as AddressInfo).port, passwords, close };
}

const testOf = async (person: Person, id: string) =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json();
const keyAt = async (port: number): Promise<string> => {
  const seen = await fixture.newServer({ port, password: 'of nobody' });
  await testOf('owner', seen);
  return (await fixture.as('owner', 'GET', `/servers/${seen}`)).json().server.hostKey.fingerprint;
};
const accept = (person: Person, id: string, fingerprint: string) =>
  fixture.as(person, 'POST', `/servers/${id}/host-key/accept`, { fingerprint });

/** A server of the owner at `machine`, with its host key pinned. */
async function serverAt(machine: Machine): Promise<string> {
  const id = await fixture.newServer({ port: machine.port });
  await testOf('owner', id);
  expect(machine.passwords).toContain(PASSWORD);
  return id;
}

/** Sets the state that an upgrade leaves a server in. */
async function bind(
  id: string,
  binding: { credentialEnteredBy: null; credentialHostKey: string },
  isPinned: boolean,
): Promise<void> {
  const file = path.join(fixture.running.dataDir, 'buoy.db');
  const { db, close } = await openDatabase({ engine: 'sqlite', file });
  const pin = isPinned ? {} : { hostKeyAlgorithm: null, hostKeyFingerprint: null, hostKeyPinnedAt: null };
  await db
    .updateTable('servers')
    .set({ ...binding, ...pin })
    .where('id', '=', id)
    .execute();
  await close();
}

describe('stored password after an admin is revoked', () => {
  test("is not sent to the admin's own machine by a clone", async () => {
    const id = await serverAt(await startMachine());
    const own = await startMachine();
    const cloned = await fixture.as('admin', 'POST', `/servers/${id}/clone`, {
      ...{ name: 'mine', host: '127.0.0.1' },
    });
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    if (cloned.statusCode === 201) {
      const clone = cloned.json().server.id;
      await fixture.as('admin', 'PUT', `/servers/${clone}`, { port: own.port });
      await accept('admin', clone, await keyAt(own.port));
      await testOf('admin', clone);
    }
    expect(own.passwords).not.toContain(PASSWORD);
    expect(cloned.statusCode).toBe(400);
  });

  test('cannot be kept by cloning the server at the same address', async () => {
    const id = await serverAt(await startMachine());
    const cloned = await fixture.as('admin', 'POST', `/servers/${id}/clone`, {
      ...{ name: 'mine', host: '127.0.0.1' },
    });
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    expect(cloned.statusCode).toBe(400);
    expect(cloned.json().details).toMatchObject([{ path: 'password' }]);
  });
});

describe('stored password without a known author, from before Buoy noted who entered it', () => {
  test('is not sent until the owner enters their own, with or without a pinned host key', async () => {
    for (const isPinned of [true, false]) {
      const machine = await startMachine();
      const id = await serverAt(machine);
      await bind(id, { credentialEnteredBy: null, credentialHostKey: 'none' }, isPinned);
      machine.passwords.length = 0;
      expect((await testOf('owner', id)).failure).toMatchObject({
        kind: 'auth',
        message: expect.stringContaining('must enter it again'),
      });
      expect(machine.passwords).toEqual([]);
      await fixture.as('owner', 'PUT', `/servers/${id}`, { password: 'their-own' });
      await testOf('owner', id);
      expect(new Set(machine.passwords)).toEqual(new Set(['their-own']));
    }
  });
});

describe('stored password while an admin attacks', () => {
  test("is not sent to the admin's machine when the owner accepts its host key in good faith", async () => {
    const id = await serverAt(await startMachine());
    const own = await startMachine();
    const moved = await fixture.as('admin', 'PUT', `/servers/${id}`, { port: own.port });
    await accept('owner', id, await keyAt(own.port));
    await testOf('owner', id);
    expect(own.passwords).not.toContain(PASSWORD);
    expect(moved.statusCode).toBe(400);
  });

  test('is not sent for another login name, passphrase or jump server of the admin either', async () => {
    const id = await serverAt(await startMachine());
    const own = (
      await fixture.as('admin', 'POST', '/servers', {
        ...{ name: 'between', host: '127.0.0.1', port: 1, username: 'root' },
        ...{ authType: 'password', password: 'x' },
      })
    ).json().server.id;
    for (const change of [{ username: 'other' }, { jumpServerId: own }, { port: 1, passphrase: 'x' }])
      expect((await fixture.as('admin', 'PUT', `/servers/${id}`, change)).statusCode).toBe(400);
  });
});

describe('stored password at a machine that takes over the address of a server', () => {
  test('is not sent when a new owner, who did not enter it, accepts the host key', async () => {
    const real = await startMachine();
    const id = await serverAt(real);
    await fixture.as('owner', 'POST', `/servers/${id}/transfer`, { userId: ids.admin });
    await real.close();
    closing.length = 0;
    const impostor = await startMachine(real.port);
    const key = await keyAt(impostor.port);
    impostor.passwords.length = 0;

    expect((await testOf('admin', id)).failure.kind).toBe('host_key_changed');
    expect((await accept('admin', id, key)).json().server.hostKey.fingerprint).toBe(key);
    const tested = await testOf('admin', id);
    expect(impostor.passwords).toEqual([]);
    expect(tested.failure).toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('must enter it again'),
    });
    const run = await fixture.as('admin', 'POST', `/servers/${id}/exec`, { command: 'true' });
    expect([run.statusCode, run.json().code]).toEqual([503, 'ssh_auth']);
    const { server } = (await fixture.as('viewer', 'GET', `/servers/${id}`)).json();
    expect(server.status).toMatchObject({
      state: 'unreachable',
      reasons: [expect.stringContaining('must enter it again')],
    });

    // Until the new owner enters a password.
    await fixture.as('admin', 'PUT', `/servers/${id}`, { password: 'of-the-new-owner' });
    await testOf('admin', id);
    expect(new Set(impostor.passwords)).toEqual(new Set(['of-the-new-owner']));
  });

  test('is sent when the owner who entered it accepts the host key of the reinstalled server', async () => {
    const real = await startMachine();
    const id = await serverAt(real);
    await real.close();
    closing.length = 0;
    const again = await startMachine(real.port);
    await accept('owner', id, await keyAt(again.port));
    await testOf('owner', id);
    expect(again.passwords).toContain(PASSWORD);
  });
});
