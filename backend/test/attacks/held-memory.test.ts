// Bodies without end and answers that nobody reads: the memory that one person can hold is bounded.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const MIB = 1_048_576;

let fixture: AccessFixture;
let port: number;
const sockets = new Set<Socket>();

beforeAll(async () => {
  fixture = await prepareAccessFixture();
  const url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(url).port);
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(() => fixture.running.close());

/** Sends the head of a request on a connection of its own and reads nothing. */
async function begin(path: string, headers: Record<string, string>, body = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.add(socket);
  await once(socket, 'connect');
  const lines = Object.entries({ host: 'a', ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.write([`POST /api${path} HTTP/1.1`, ...lines, '', body].join('\r\n'));
  return socket;
}

/** Resolves with the status as soon as it arrives; the rest stays unread. */
async function statusOf(socket: Socket): Promise<number> {
  await once(socket, 'readable');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(String(socket.read(12)))?.[1]);
}

describe('a stranger who sends a body without end', () => {
  test.each([
    ['of a megabyte', { 'content-length': String(MIB) }, ''],
    ['in pieces', { 'transfer-encoding': 'chunked' }, `20000\r\n${'x'.repeat(0x20000)}\r\n`],
  ])('is refused before the body has arrived when it is one %s', async (_what, headers, body) => {
    const json = { 'content-type': 'application/json' };
    expect(await statusOf(await begin('/auth/device/token', { ...json, ...headers }, body))).toBe(413);
  });
});

describe('a person who holds unfinished uploads', () => {
  const upload = async (person: 'owner' | 'admin', serverId: string) =>
    begin(`/servers/${serverId}/openclaw/skills/upload`, {
      authorization: `Bearer ${fixture.tokens[person]}`,
      ...{ 'content-type': 'application/zip', 'content-length': String(5 * MIB) },
    });

  test('gets six uploads, 429 for the next, and one more for each that ends', async () => {
    const serverId = await fixture.newServer();
    const held: Socket[] = [];
    const refused: Array<Promise<number>> = [];
    for (let count = 0; count < 40; count += 1) {
      const socket = await upload('admin', serverId);
      held.push(socket);
      refused.push(statusOf(socket));
    }
    expect(await Promise.all(refused.slice(6))).toEqual(Array(34).fill(429));
    expect(await Promise.race([...refused.slice(0, 6), Promise.resolve('nothing yet')])).toBe('nothing yet');
    // Other people and small calls of the same person go through.
    const theirs = upload('owner', serverId).then(statusOf);
    expect(
      (await fixture.as('admin', 'POST', '/me/tokens', { name: 'x', scopes: ['read'] })).statusCode,
    ).toBe(201);
    expect(await Promise.race([theirs, fixture.as('owner', 'GET', '/me').then(() => 'nothing yet')])).toBe(
      'nothing yet',
    );
    const another = async () => {
      const socket = await upload('admin', serverId);
      return Promise.race([
        statusOf(socket),
        new Promise((resolve) => setImmediate(resolve))
          .then(() => fixture.as('admin', 'GET', '/me'))
          .then(() => 0),
      ]);
    };
    held[0]?.destroy();
    await expect.poll(another, { timeout: 5_000 }).toBe(0);
  });
});

describe('a person whose connections break off', () => {
  /** Sends `text` and disconnects, at different moments of the request's handling. */
  const breakOff = async (text: string) => {
    for (let count = 0; count < 80; count += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      for (let turn = 0; turn < count % 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
  };
  const head = (line: string, fields: string[] = []) =>
    [line, 'host: a', `authorization: Bearer ${fixture.tokens.admin}`, ...fields, '', ''].join('\r\n');
  /** The status that arrives within a second; 0: none, because Buoy waits for the body. */
  const statusOfNext = async (text: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.write(text);
    const status = await Promise.race([
      statusOf(socket),
      new Promise<number>((resolve) => setTimeout(resolve, 1_000, 0)),
    ]);
    socket.destroy();
    return status;
  };

  test('can upload again: aborted uploads no longer count', async () => {
    const serverId = await fixture.newServer();
    const upload = head(`POST /api/servers/${serverId}/openclaw/skills/upload HTTP/1.1`, [
      'content-type: application/zip',
      `content-length: ${5 * MIB}`,
    ]);
    await breakOff(upload);
    await expect.poll(() => statusOfNext(upload), { timeout: 10_000 }).toBe(0);
  });

  test('can open a live stream again', async () => {
    const stream = head('GET /api/servers/events HTTP/1.1');
    await breakOff(stream);
    await expect.poll(() => statusOfNext(stream), { timeout: 10_000 }).toBe(200);
  });
});

describe.skipIf(noSshd !== null)('a person who does not read the answers of Buoy', () => {
  let sshd: LoopbackSshd;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
  });
  afterAll(() => sshd?.stop());

  test('gets 429 above the limit, and answers again once the unread ones are gone', async () => {
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const body = JSON.stringify({
      // In JSON each of these bytes takes six.
      command: 'head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2',
    });
    const ask = async (): Promise<number> =>
      statusOf(
        await begin(
          `/servers/${serverId}/exec`,
          {
            authorization: `Bearer ${fixture.tokens.admin}`,
            ...{ 'content-type': 'application/json', 'content-length': String(body.length) },
          },
          body,
        ),
      );
    const statuses: number[] = [];
    while (statuses.length < 12) statuses.push(await ask());
    expect(statuses[0]).toBe(200);
    expect(statuses.slice(-6)).toEqual(Array(6).fill(429));
    expect((await fixture.as('admin', 'GET', `/servers/${serverId}`)).statusCode).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(ask, { timeout: 10_000 }).toBe(200);
  });
});
