// A change that waits, behind slow private keys or for its server, must not be applied when the right to make it ends meanwhile.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slowKey } from '../../../testbed/freeze-inputs.ts';
import { until } from '../../../testbed/until.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

/** Each takes half a second on an idle machine, one after another; four more of one person may wait. */
const SLOW_KEYS = 5;

const { privateKey: usableKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const elsewhere = { host: '192.0.2.66', authType: 'key', privateKey: usableKey };

describe('a change that waits behind slow keys', () => {
  let fixture: AccessFixture;
  let shared: string;
  beforeEach(async () => {
    fixture = await prepareAccessFixture();
    shared = await fixture.newServer();
  });
  afterEach(() => fixture.running.close());

  /** Sends `change` behind slow keys, runs `meanwhile` while it waits, and returns the answer. */
  async function behindSlowKeys(
    change: () => Promise<LightMyRequestResponse>,
    meanwhile: () => Promise<LightMyRequestResponse>,
  ): Promise<LightMyRequestResponse> {
    const privateKey = await slowKey(32);
    const waiting = new Map<number, Promise<boolean>>(
      Array.from({ length: SLOW_KEYS }, (_, index): [number, Promise<boolean>] => {
        const key = fixture.as('admin', 'POST', '/servers', {
          ...{ name: `slow ${index}`, host: '192.0.2.1', username: 'root' },
          ...{ authType: 'key', privateKey, passphrase: `wrong ${index}` },
        });
        return [index, key.then(() => waiting.delete(index))];
      }),
    );
    const oneMore = () => Promise.race(waiting.values());
    // All are queued when the first is done, so the change comes behind them; it is authorized when the next one is done.
    await oneMore();
    const changed = change();
    await oneMore();
    let isOver = false;
    void changed.then(() => {
      isOver = true;
    });
    expect((await meanwhile()).statusCode).toBeLessThan(300);
    expect(isOver).toBe(false);
    await Promise.all(waiting.values());
    return changed;
  }
  /** As people have set it up: its status follows the checks, which go on meanwhile. */
  const server = async () => {
    const { status: _checked, ...settings } = (await fixture.as('super', 'GET', `/servers/${shared}`)).json()
      .server;
    return settings;
  };
  const names = async () =>
    (await fixture.as('super', 'GET', '/servers')).json().servers.map((one: { name: string }) => one.name);
  const newServer = { name: 'late', username: 'root', ...elsewhere };

  test('redirects no server after the admin was revoked', async () => {
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(403);
    expect(await server()).toEqual(before);
  });

  test('redirects no server after the device was signed out', async () => {
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      async () => {
        const token = await fixture.running.signIn(Number(ids.admin));
        const { sessions } = (await fixture.running.call('GET', '/me/sessions', { token })).json();
        const other = sessions.find((one: { current: boolean }) => !one.current).id;
        return fixture.running.call('DELETE', `/me/sessions/${other}`, { token });
      },
    );
    expect(statusCode).toBe(401);
    expect(await server()).toEqual(before);
  });

  test('adds no server after the person was disabled', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', '/servers', newServer),
      () => fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`),
    );
    expect(statusCode).toBe(401);
    expect(await names()).toEqual(['shared']);
  });

  test('adds no server after the right to add servers was taken away', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', '/servers', newServer),
      () => fixture.as('super', 'PUT', `/admin/users/${ids.admin}`, { mayAddServers: false }),
    );
    expect(statusCode).toBe(403);
    expect(await names()).toEqual(['shared']);
  });

  test('clones no server after the admin was revoked', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', `/servers/${shared}/clone`, newServer),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(403);
    expect(await names()).toEqual(['shared']);
  });

  test('sets no jump server after the admin was revoked there', async () => {
    const jump = await fixture.newServer({ name: 'jump' });
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, { ...elsewhere, jumpServerId: jump }),
      () => fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(400);
    expect(await server()).toEqual(before);
  });

  test('is applied while the right lasts', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.viewer}`),
    );
    expect(statusCode).toBe(200);
    expect(await server()).toMatchObject({ host: elsewhere.host });
  });
});

describe('a change that waits for its server', () => {
  let fixture: AccessFixture;
  let shared: string;
  /** Listens where the server is, and holds connections back until the test lets them go. */
  let door: Awaited<ReturnType<typeof openDoor>>;
  const machines: ScriptedServer[] = [];
  /** Holds back the answers of the machines to the question what is installed. */
  let answers: { asked(): void; given: Promise<void> };
  beforeEach(async () => {
    answers = { asked: () => undefined, given: Promise.resolve() };
    fixture = await prepareAccessFixture();
    door = await openDoor(await newMachine());
    shared = await fixture.newServer({ port: door.port });
    expect((await fixture.as('owner', 'POST', `/servers/${shared}/test`)).statusCode).toBe(200);
  });
  afterEach(async () => {
    await fixture.running.close();
    for (const machine of machines.splice(0)) await machine.close();
    await door.close();
  });

  /** A machine with a host key of its own, on which OpenClaw is installed. */
  async function newMachine(): Promise<ScriptedServer> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const machine = await startScriptedServer({
      config: { hostKeys: [privateKey.export({ type: 'sec1', format: 'pem' }).toString()] },
      onSession: (session) =>
        session.on('exec', (accept) => {
          const stream = accept();
          let stdin = '';
          stream.on('data', (bytes: Buffer) => {
            stdin += bytes;
          });
          stream.on('end', async () => {
            const [mark = ''] = /buoy-[0-9a-f]{24}/.exec(stdin) ?? [];
            if (stdin.includes('servicePort')) {
              answers.asked();
              await answers.given;
            }
            stream.write(`\n${mark}\nhome=/home/d\nopenclaw=2026.9.6\nnode=24.21.0\nnpm=yes\nend=1\n`);
            stream.exit(0);
            stream.end();
          });
        }),
    });
    machines.push(machine);
    return machine;
  }

  async function openDoor(first: ScriptedServer) {
    let machine = first;
    let isShut = false;
    const waiting: Socket[] = [];
    const open = new Set<Socket>();
    const pass = (socket: Socket): void => {
      const onward = connect(machine.port, '127.0.0.1');
      for (const one of [socket, onward]) {
        open.add(one);
        one.on('error', () => undefined).on('close', () => [socket, onward].map((each) => each.destroy()));
      }
      socket.pipe(onward).pipe(socket);
    };
    const listener = createServer((socket) => {
      if (isShut) waiting.push(socket);
      else pass(socket);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return {
      port: (listener.address() as AddressInfo).port,
      waiting,
      /** From now on it leads to another machine, when it is opened. */
      shut(behind: ScriptedServer) {
        machine = behind;
        isShut = true;
      },
      open() {
        isShut = false;
        for (const socket of waiting.splice(0)) pass(socket);
      },
      async close() {
        for (const socket of [...waiting, ...open]) socket.destroy();
        await new Promise((resolve) => listener.close(resolve));
      },
    };
  }

  test('changes no gateway after the admin was revoked', async () => {
    const asked = Promise.withResolvers<void>();
    const given = Promise.withResolvers<void>();
    answers = { asked: asked.resolve, given: given.promise };
    const changing = fixture.as('admin', 'POST', `/servers/${shared}/setup/configure-gateway`, {
      ...{ bind: 'lan', rotateToken: true },
    });
    await asked.promise;
    const revoked = await fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`);
    expect(revoked.statusCode).toBe(204);
    given.resolve();
    expect((await changing).statusCode).toBe(403);
    const { tasks } = (await fixture.as('owner', 'GET', `/tasks?serverId=${shared}`)).json();
    expect(tasks).toEqual([]);
  });

  test('accepts no host key after the server was given to another owner', async () => {
    const hostKey = async () =>
      (await fixture.as('super', 'GET', `/servers/${shared}`)).json().server.hostKey;
    const before = await hostKey();
    const other = await newMachine();
    const { fingerprint } = (
      await fixture.as('owner', 'POST', '/servers/host-key', { host: '127.0.0.1', port: other.port })
    ).json().hostKey;
    door.shut(other);
    const accepting = fixture.as('owner', 'POST', `/servers/${shared}/host-key/accept`, { fingerprint });
    await until(5_000, async () => door.waiting.length > 0);
    const given = await fixture.as('owner', 'POST', `/servers/${shared}/transfer`, { userId: ids.admin });
    expect(given.statusCode).toBeLessThan(300);
    door.open();
    expect((await accepting).statusCode).toBe(403);
    expect(await hostKey()).toEqual(before);
  });
});
