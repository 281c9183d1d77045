// An inbox that waits for silent servers must not show what a server asks after the person's role on it has ended.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/hostile-gateway.ts';

/** Servers that an inbox asks at the same time. */
const AT_ONCE = 16;
const COMMAND = 'curl https://secret.example/deploy';

describe.skipIf(noSshd !== null)('inbox of an admin that waits for silent servers', () => {
  let fixture: HostileGateway;
  let silent: Server;
  let owner: string;
  let admin: string;
  let shared: string;
  const sockets = new Set<Socket>();
  /** Called each time a gateway is asked for waiting commands. */
  let onAsked = () => {};
  beforeEach(async () => {
    fixture = await startHostileGateway({ SSH_DENIED_NETWORKS: '', SIGN_UP: 'open' });
    Object.assign(fixture.gateway.methods, {
      'device.pair.list': () => ({ payload: { pending: [] } }),
      'channels.pairing.list': () => ({ payload: { requests: [] } }),
      'exec.approval.list': () => {
        onAsked();
        return { payload: [{ id: 'a1', request: { command: COMMAND }, expiresAtMs: Date.now() + 600_000 }] };
      },
    });
    silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    [owner, admin] = [await fixture.signIn(42), await fixture.signIn(43)];
    shared = await fixture.addServer(owner);
    await must(owner, 'PUT', `/servers/${shared}`, { name: 'z shared' });
    await must(owner, 'POST', `/servers/${shared}/access`, { userId: '43', role: 'admin' });
    const first = await fixture.addServer(admin);
    await must(admin, 'PUT', `/servers/${first}`, { name: 'a first' });
    // Buoy connects to both before the silent servers exist.
    expect(await shown()).toEqual(['a first', 'z shared']);
    for (let index = 0; index < AT_ONCE; index += 1)
      await must(admin, 'POST', '/servers', {
        ...{ name: `b ${index}`, host: '127.0.0.1', port: (silent.address() as AddressInfo).port },
        ...{ username: 'root', authType: 'password', password: 'secret' },
      });
  });
  afterEach(async () => {
    onAsked = () => {};
    await fixture.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  async function must(token: string, method: string, path: string, body?: object): Promise<void> {
    const { status, json } = await fixture.call(token, method, path, body);
    if (status >= 400) throw new Error(JSON.stringify(json));
  }
  /** Names of the servers whose commands the admin's inbox shows, in order. */
  async function shown(): Promise<string[]> {
    const { json } = await fixture.call(admin, 'GET', '/inbox');
    return (json.items as unknown as Array<{ serverName: string }>)
      .map(({ serverName }) => serverName)
      .sort();
  }

  test('hides the command of a server that was asked after the role had ended', async () => {
    const started = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const inbox = shown();
    await started;
    await must(owner, 'PUT', `/servers/${shared}/access/43`, { role: 'viewer' });
    expect(await inbox).toEqual(['a first']);
  });

  test('shows the commands while the admin has the role', async () => {
    expect(await shown()).toEqual(['a first', 'z shared']);
  });
});
