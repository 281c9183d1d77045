// One person opens as many streams as they can over a real socket, to use up memory and CPU time.
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openDatabase } from '../../src/db/database.ts';
import { serverRow } from '../../src/db/testing/server-row.ts';
import { createServerStore } from '../../src/servers/servers.store.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

const SERVERS = 600;
const MIB = 1_048_576;

let fixture: AccessFixture;
let url: string;
const open = new Set<ClientRequest>();

beforeAll(async () => {
  fixture = await prepareAccessFixture({ MAX_TERMINALS_PER_USER: '2', MAX_SERVERS_PER_USER: '1000' });
  url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  const other = await openDatabase({ engine: 'sqlite', file: path.join(fixture.running.dataDir, 'buoy.db') });
  const store = createServerStore(other.db);
  for (let count = 0; count < SERVERS; count += 1)
    await store.insert(
      serverRow(`srv_${count}`, {
        name: `server ${count}`,
        tags: JSON.stringify(['x'.repeat(200)]),
        createdBy: ids.owner,
      }),
    );
  await other.close();
});
afterEach(() => {
  for (const one of open) one.destroy();
  open.clear();
});
afterAll(() => fixture.running.close());

type Opened = { status: number; retryAfter: string | undefined; response: IncomingMessage; close(): void };

/** Opens the list as a stream and reads nothing of it. */
function openList(token: string): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/api/servers/events`, {
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    });
    open.add(call);
    call.on('error', reject);
    call.on('response', (response) => {
      response.on('error', () => undefined);
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
        response,
        close: () => call.destroy(),
      });
    });
    call.end();
  });
}

async function bodyOf({ response }: Opened): Promise<string> {
  let body = '';
  for await (const piece of response.setEncoding('utf8')) body += piece;
  return body;
}

/** Bytes in use after garbage collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const newToken = async (token: string): Promise<string> => {
  const made = await fixture.running.call('POST', '/me/tokens', {
    token,
    body: { name: 'reader', scopes: ['read'] },
  });
  if (made.statusCode !== 201) throw new Error(made.body);
  return made.json().token.secret;
};

describe('400 streams of one person over 600 servers', () => {
  test('are refused with a message from the 21st on, cost little memory and keep nobody else out', async () => {
    const before = usedBytes();
    const opened: Opened[] = [];
    // One stream too many is enough for the test; without the limit the others would take minutes.
    while (opened.length < 400 && opened[20]?.status !== 200)
      opened.push(await openList(fixture.tokens.owner));
    const statuses = opened.map(({ status }) => status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(200));
    expect(statuses.slice(20)).toEqual(Array(380).fill(429));
    const refused = opened[20];
    if (refused === undefined) expect.unreachable();
    expect(refused.retryAfter).toBe('30');
    expect(JSON.parse(await bodyOf(refused))).toMatchObject({
      code: 'rate_limited',
      error: 'You have 20 live streams open, the most that one person may have.',
      hint: expect.stringContaining('Close a tab'),
    });
    // 400 copies of the list's JSON would be more than a hundred megabytes.
    expect((usedBytes() - before) / MIB).toBeLessThan(40);
    expect((await openList(fixture.tokens.admin)).status).toBe(200);
  });

  test('more sign-ins and API tokens do not raise the limit', async () => {
    const tokens = [
      fixture.tokens.owner,
      await fixture.running.signIn(Number(ids.owner)),
      await newToken(fixture.tokens.owner),
    ];
    const statuses: number[] = [];
    for (let count = 0; count < 30; count += 1)
      statuses.push((await openList(tokens[count % tokens.length] ?? '')).status);
    expect(statuses).toEqual([...Array(20).fill(200), ...Array(10).fill(429)]);
  });

  test('each closed stream frees one place', async () => {
    const opened: Opened[] = [];
    for (let count = 0; count < 20; count += 1) opened.push(await openList(fixture.tokens.owner));
    expect((await openList(fixture.tokens.owner)).status).toBe(429);
    opened[0]?.close();
    await expect.poll(async () => (await openList(fixture.tokens.owner)).status).toBe(200);
    expect((await openList(fixture.tokens.owner)).status).toBe(429);
  });
});

describe.skipIf(noSshd !== null)('terminals of one person', () => {
  let sshd: LoopbackSshd;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
  });
  afterAll(() => sshd?.stop());

  test('return 429 above the limit, and a ticket again when one terminal closes', async () => {
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const ask = () => fixture.as('admin', 'POST', `/servers/${serverId}/terminal/ticket`);
    const sockets: WebSocket[] = [];
    for (let count = 0; count < 2; count += 1) {
      const ticket: string = (await ask()).json().ticket.value;
      const socket = new WebSocket(
        `${url.replace('http', 'ws')}/api/servers/${serverId}/terminal?ticket=${ticket}`,
      );
      sockets.push(socket);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    }
    const refused = await ask();
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'rate_limited']);
    for (const socket of sockets) socket.terminate();
    await expect.poll(async () => (await ask()).statusCode, { timeout: 10_000 }).toBe(201);
  });
});

describe('terminals whose client leaves at once', () => {
  /** Asks for a terminal and leaves with a FIN or RST right behind the request. */
  async function askAndLeave(serverId: string, how: 'FIN' | 'RST'): Promise<void> {
    const head = [
      `GET /api/servers/${serverId}/terminal HTTP/1.1`,
      ...['host: a', `authorization: Bearer ${fixture.tokens.admin}`],
      ...['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
      ...['sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
    ].join('\r\n');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    if (how === 'FIN') socket.end(head);
    else socket.write(head, () => socket.resetAndDestroy());
    socket.resume();
    await closed;
  }

  test.each(['FIN', 'RST'] as const)('ten that end with a %s leave no place occupied', async (how) => {
    const serverId = await fixture.newServer();
    for (let count = 0; count < 10; count += 1) await askAndLeave(serverId, how);
    const ask = () => fixture.as('admin', 'POST', `/servers/${serverId}/terminal/ticket`);
    await expect.poll(async () => (await ask()).statusCode, { timeout: 5_000 }).toBe(201);
  });
});
