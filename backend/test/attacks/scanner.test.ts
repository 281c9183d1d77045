// A person with an account uses Buoy to scan networks out of their own reach, or to guess passwords from Buoy's address.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

/** The default of SSH_DENIED_NETWORKS. */
const SSH_DENIED_NETWORKS = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
  ...['::/128', '::1/128', 'fe80::/10', 'ff00::/8'],
].join(',');

let fixture: AccessFixture;
const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

async function begin(environment: Record<string, string>): Promise<void> {
  fixture = await prepareAccessFixture(environment);
  cleanUp.push(() => fixture.running.close());
}

const newServer = (host: string, port = 22) => ({
  ...{ name: `a ${host}`, host, port, username: 'root' },
  ...{ authType: 'password', password: 'none' },
});

/** A service on Buoy's own machine that sends `words` to each client and counts the clients. */
async function startService(words: string): Promise<{ port: number; visits: () => number }> {
  let visits = 0;
  const service: Server = createServer((socket) => {
    visits += 1;
    socket.on('error', () => {}).end(words);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  cleanUp.push(() => service.close());
  return { port: (service.address() as AddressInfo).port, visits: () => visits };
}

/** The distinct answers to adding a server at each of `hosts`, with the field at fault. */
async function answersTo(hosts: readonly string[]): Promise<string[]> {
  const answers = new Set<string>();
  for (const host of hosts) {
    const answer = await fixture.as('stranger', 'POST', '/servers', newServer(host));
    const { code, details } = answer.json();
    answers.add(`${answer.statusCode} ${code} ${details?.[0].path}`);
  }
  return [...answers];
}

const testServer = async (person: 'stranger' | 'admin', id: string) =>
  (await fixture.as(person, 'POST', `/servers/${id}/test`)).json();

describe('services on the machine of Buoy', () => {
  beforeEach(() => begin({ SSH_DENIED_NETWORKS }));

  test('cannot be added as a server, in any form of the address', async () => {
    expect(
      await answersTo([
        ...[
          '127.0.0.1',
          'localhost',
          '127.1',
          '2130706433',
          '0x7f.1',
          '0177.0.0.1',
          '0',
          '0.0.0.0',
          '::1',
          '::',
        ],
        ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::1'],
      ]),
    ).toEqual(['400 invalid_request host']);
  });

  test('cloud metadata service and hosts on the same link cannot be added either', async () => {
    const hosts = [
      '169.254.169.254',
      '::ffff:a9fe:a9fe',
      '2852039166',
      'fe80::1%eth0',
      '224.0.0.1',
      'ff02::1',
    ];
    expect(await answersTo(hosts)).toEqual(['400 invalid_request host']);
  });

  test('cannot be reached by changing or cloning a server', async () => {
    const { server } = (
      await fixture.as('stranger', 'POST', '/servers', newServer('server-that-is-not.invalid'))
    ).json();
    const moved = await fixture.as('stranger', 'PUT', `/servers/${server.id}`, { host: '127.0.0.1' });
    expect(moved.json()).toMatchObject({ code: 'invalid_request', details: [{ path: 'host' }] });
    const clone = { name: 'clone', host: '127.0.0.1', password: 'one of the clone' };
    const cloned = await fixture.as('stranger', 'POST', `/servers/${server.id}/clone`, clone);
    expect(cloned.json()).toMatchObject({ code: 'invalid_request', details: [{ path: 'host' }] });
    expect((await fixture.as('stranger', 'GET', '/servers')).json().servers).toHaveLength(1);
  });

  test('cannot be reached by a name that resolves there later, and the error hides the address', async () => {
    const service = await startService('inner service');
    const { server } = (
      await fixture.as('stranger', 'POST', '/servers', newServer('server-that-is-not.invalid', service.port))
    ).json();
    await testServer('stranger', server.id);
    // Writes the new target into the row, as the name would resolve now: the check of the request is long past.
    const database = await openDatabase({
      engine: 'sqlite',
      file: path.join(fixture.running.dataDir, 'buoy.db'),
    });
    await database.db
      .updateTable('servers')
      .set({ host: 'localhost' })
      .where('id', '=', server.id)
      .execute()
      .finally(() => database.close());

    const { ok, failure } = await testServer('stranger', server.id);
    expect({ ok, kind: failure.kind }).toEqual({ ok: false, kind: 'other' });
    expect(failure.message).toContain('does not connect to');
    expect(JSON.stringify(failure)).not.toMatch(/127\.0\.0\.1|::1/);
    const exec = await fixture.as('stranger', 'POST', `/servers/${server.id}/exec`, { command: 'id' });
    expect(exec.statusCode).toBe(503);
    expect(service.visits()).toBe(0);
  });
});

describe('other ports of a server on the machine of Buoy', () => {
  beforeEach(() => begin({ SSH_DENIED_NETWORKS }));

  test('an admin of the server cannot reach them by changing the port or by a clone', async () => {
    const service = await startService('inner service');
    const { server } = (await fixture.as('super', 'POST', '/servers', newServer('127.0.0.1', 1))).json();
    await fixture.as('super', 'POST', `/servers/${server.id}/access`, { userId: ids.admin, role: 'admin' });
    const secret = { port: service.port, password: 'mine' };
    const moved = await fixture.as('admin', 'PUT', `/servers/${server.id}`, secret);
    expect(moved.statusCode).toBe(400);
    const clone = { name: 'clone', host: '127.0.0.1', ...secret };
    expect((await fixture.as('admin', 'POST', `/servers/${server.id}/clone`, clone)).statusCode).toBe(400);
    await testServer('admin', server.id);
    expect(service.visits()).toBe(0);
  });
});

describe('network of Buoy', () => {
  beforeEach(() => begin({ SSH_DENIED_NETWORKS: '' }));

  test('cannot be mapped by reading host keys without the right to add servers', async () => {
    const service = await startService('inner service');
    const scan = (person: 'stranger' | 'admin') =>
      fixture.as(person, 'POST', '/servers/host-key', { host: '127.0.0.1', port: service.port });
    await fixture.as('super', 'PUT', `/admin/users/${ids.stranger}`, { mayAddServers: false });
    const refused = await scan('stranger');
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
    expect(service.visits()).toBe(0);
    expect((await scan('admin')).statusCode).toBe(503);
    expect(service.visits()).toBe(1);
  });

  test('cannot be mapped by moving the server of somebody else without the right to add servers', async () => {
    const service = await startService('inner service');
    const { server } = (await fixture.as('super', 'POST', '/servers', newServer('127.0.0.1', 1))).json();
    const admin = { userId: ids.stranger, role: 'admin' };
    await fixture.as('super', 'POST', `/servers/${server.id}/access`, admin);
    await fixture.as('super', 'PUT', `/admin/users/${ids.stranger}`, { mayAddServers: false });
    const change = (body: object) => fixture.as('stranger', 'PUT', `/servers/${server.id}`, body);
    const moved = await change({ port: service.port, authType: 'password', password: 'mine' });
    expect([moved.statusCode, moved.json().code]).toEqual([403, 'forbidden']);
    await testServer('stranger', server.id);
    expect(service.visits()).toBe(0);
    // What leads nowhere else stays theirs to change.
    expect((await change({ tags: ['prod'], port: 1 })).statusCode).toBe(200);
    await fixture.as('super', 'PUT', `/admin/users/${ids.stranger}`, { mayAddServers: true });
    expect((await change({ port: service.port, authType: 'password', password: 'mine' })).statusCode).toBe(
      200,
    );
  });
});

describe('network of Buoy, by the own server of a person whose right to add servers was taken away', () => {
  beforeEach(() => begin({ SSH_DENIED_NETWORKS: '' }));

  test('cannot be mapped by moving it; what leads nowhere else can be changed', async () => {
    const service = await startService('inner service');
    const { server } = (await fixture.as('stranger', 'POST', '/servers', newServer('127.0.0.1', 1))).json();
    const jump = (await fixture.as('stranger', 'POST', '/servers', newServer('127.0.0.2', 1))).json().server;
    await fixture.as('super', 'PUT', `/admin/users/${ids.stranger}`, { mayAddServers: false });
    const change = (body: object) => fixture.as('stranger', 'PUT', `/servers/${server.id}`, body);
    for (const body of [{ port: service.port }, { host: '127.0.0.2' }, { jumpServerId: jump.id }]) {
      const refused = await change(body);
      expect([refused.statusCode, refused.json()]).toMatchObject([
        403,
        { code: 'forbidden', hint: expect.stringContaining('are yours to change') },
      ]);
    }
    await testServer('stranger', server.id);
    expect(service.visits()).toBe(0);
    const kept = { host: '127.0.0.1', port: 1, username: 'deploy', password: 'new', tags: ['prod'] };
    expect((await change(kept)).statusCode).toBe(200);
    await fixture.as('super', 'PUT', `/admin/users/${ids.stranger}`, { mayAddServers: true });
    expect((await change({ port: service.port })).statusCode).toBe(200);
  });
});

describe('text that an internal service sends', () => {
  beforeEach(() => begin({ SSH_DENIED_NETWORKS: '' }));

  test.each([
    ['in its first line', '220 mail.inner ESMTP Secret-1.2.3\r\n'],
    ['before an SSH greeting that is too old', 'Secret-1.2.3\r\nSSH-1.5-old\r\n'],
    ['instead of a greeting', 'Secret-1.2.3 Exceeded MaxStartups\r\n'],
  ])('is not shown in the answer: %s', async (_where, words) => {
    const service = await startService(words);
    const { server } = (
      await fixture.as('stranger', 'POST', '/servers', newServer('127.0.0.1', service.port))
    ).json();
    const exec = await fixture.as('stranger', 'POST', `/servers/${server.id}/exec`, { command: 'id' });
    expect(exec.statusCode).toBe(503);
    const test = await fixture.as('stranger', 'POST', `/servers/${server.id}/test`);
    const shown = await fixture.as('stranger', 'GET', `/servers/${server.id}`);
    expect(service.visits()).toBeGreaterThan(0);
    expect(exec.body + test.body + shown.body).not.toContain('Secret-1.2.3');
  });
});

describe('password guesses at the machine of another person', () => {
  let machine: ScriptedServer;
  /** Passwords that reached the machine for root, in order of arrival. */
  let guesses: string[];

  beforeEach(async () => {
    await begin({ SSH_DENIED_NETWORKS: '' });
    guesses = [];
    machine = await startScriptedServer({
      onAuth(context) {
        if (context.method !== 'password') return context.reject(['password']);
        if (context.username === 'guest') return context.accept();
        guesses.push(context.password);
        if (context.password === 'guess 8') context.accept();
        else context.reject(['password']);
      },
    });
    cleanUp.push(() => machine.close());
  });

  const add = async (changes: object = {}) =>
    (
      await fixture.as('stranger', 'POST', '/servers', {
        ...newServer('127.0.0.1', machine.port),
        ...changes,
      })
    ).json().server.id;
  const refusedByLimit = {
    ok: false,
    failure: {
      kind: 'auth',
      message: expect.stringContaining('5 logins were refused'),
      hint: expect.stringMatching(/in \d+ minutes/),
    },
  };

  test('five guesses are the limit of server tests, even when the password changes each time', async () => {
    const id = await add({ password: 'guess 0' });
    let last: unknown;
    for (let guess = 0; guess < 10; guess += 1) {
      await fixture.as('stranger', 'PUT', `/servers/${id}`, { password: `guess ${guess}` });
      last = await testServer('stranger', id);
    }
    expect(guesses).toHaveLength(5);
    expect(last).toMatchObject(refusedByLimit);
    const exec = await fixture.as('stranger', 'POST', `/servers/${id}/exec`, { command: 'id' });
    expect(exec.json()).toMatchObject({ code: 'circuit_open' });
  });

  test('five guesses are the limit when the server is added again, also in another form of its address', async () => {
    const forms = ['127.0.0.1', '127.1', '::ffff:127.0.0.1', 'localhost', '2130706433'];
    let last: unknown;
    for (let guess = 0; guess < 10; guess += 1) {
      const id = await add({ host: forms[guess % forms.length], password: `guess ${guess}` });
      last = await testServer('stranger', id);
      await fixture.as('stranger', 'DELETE', `/servers/${id}`);
    }
    expect(guesses).toHaveLength(5);
    expect(last).toMatchObject(refusedByLimit);
  });

  test('five guesses are the limit when they come at the same moment', async () => {
    const servers = await Promise.all(
      Array.from({ length: 12 }, (_, guess) => add({ name: `s${guess}`, password: `guess ${guess + 10}` })),
    );
    await Promise.all(servers.map((id) => testServer('stranger', id)));
    expect(guesses).toHaveLength(5);
  });

  test('five guesses are the limit even when a valid login of another account comes in between', async () => {
    const own = await add({ name: 'own', username: 'guest', password: 'known' });
    const root = await add({ name: 'root' });
    for (let guess = 0; guess < 8; guess += 1) {
      await fixture.as('stranger', 'PUT', `/servers/${root}`, { password: `guess ${guess}` });
      await testServer('stranger', root);
      await testServer('stranger', own);
    }
    expect(guesses).toHaveLength(5);
  });
});
