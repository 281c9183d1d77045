// The smallest WebSocket frames and upload pieces, as many as a network delivers at once, must not use up Buoy's CPU time.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TerminalClientFrame } from '@buoy/contract';
import { afterEach, describe, expect, test } from 'vitest';
import { admin, serverInPath } from '../../src/http/policies.ts';
import { route } from '../../src/http/route.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createOneATurn } from '../../src/lib/one-a-turn.ts';
import { until } from '../../src/lib/testing/until.ts';
import { relayRequest } from '../../src/openclaw/dashboard/relay-request.ts';
import { createSocketRelay } from '../../src/openclaw/dashboard/relay-socket.ts';
import { createHeldFrames } from '../../src/openclaw/gateway/held-frames.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { Ssh } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { relayShell, type TerminalSocket } from '../../src/terminal/relay-shell.ts';
import { startDurabilityApp } from '../support/durability-app.ts';
import { longestBlock } from '../support/main-thread.ts';
import { field, type HostileClient, packets } from '../support/ssh-packets.ts';
import { upgraded } from '../support/upgraded.ts';

/** Bytes that the machinery of a test takes; what it sends would take at least twice as many. */
const MAX_HELD = 6 * 1024 * 1024;
/** Milliseconds of one uninterrupted block of this thread. */
const MAX_BLOCK_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 4;
const soon = { deadlineMs: 10_000 };

const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

const UPGRADE =
  'GET /x HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** A tab of a Control UI; the test writes the raw bytes of its browser and its gateway. */
async function openTab(first = UPGRADE) {
  let opened: { client: HostileClient; id: number } | undefined;
  const called = Promise.withResolvers<void>();
  const uploaded = Promise.withResolvers<void>();
  const server = await startScriptedServer({
    config: { algorithms: { cipher: ['aes128-gcm@openssh.com'] } },
    onClient: (client) =>
      client.on('tcpip', (accept) => {
        const channel = accept() as unknown as Duplex & { outgoing: { id: number } };
        opened = { client: client as unknown as HostileClient, id: channel.outgoing.id };
        channel.once('data', (head: Buffer) => {
          if (first === UPGRADE) channel.write(upgraded(String(head)));
          called.resolve();
        });
      }),
  });
  const ssh = sshTo(server);
  const { serverId } = server.target();
  const access = { port: 1, auth: { token: 'a-secret-of-the-gateway' }, problem: null } as never;
  const gatewayTunnel = {
    open: async () => ({
      stream: await ssh.forward(serverId, '127.0.0.1', 1, soon),
      access,
      isFresh: true,
    }),
    refused: () => {},
  };
  const heldFrames = createHeldFrames();
  const myTurn = createOneATurn();
  const relay = createSocketRelay({ gatewayTunnel, heldFrames, myTurn, clock: systemClock });
  const http = createServer((request, response) => {
    request.once('end', uploaded.resolve);
    const { signal } = new AbortController();
    const to = { serverId, path: '/x', stillAdmitted: () => Promise.resolve(), signal };
    const holdUnread = (onTooMuch: () => void) => heldFrames.open('ada', onTooMuch);
    const parts = { gatewayTunnel, hold: () => () => undefined, holdUnread, myTurn, clock: systemClock };
    relayRequest(parts, to, request, response).catch(() => response.destroy());
  });
  http.on(
    'upgrade',
    (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      void relay.relay(
        {
          ...{ serverId, userId: 'ada', path: '/x', base: 'http://x/s/1' },
          ...{ stillAdmitted: () => Promise.resolve(), watch: () => () => undefined },
        },
        request,
        socket,
        head,
      ),
  );
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  cleanUp.push(() => {
    relay.close();
    http.closeAllConnections();
    http.close();
  });
  const browser = connect((http.address() as AddressInfo).port, '127.0.0.1');
  cleanUp.push(() => browser.destroy());
  browser.write(first);
  if (first === UPGRADE) await once(browser, 'data');
  await called.promise;
  return { browser, uploaded: uploaded.promise, ...opened! };
}

/** Resolves when `end` has arrived. */
const shows = (socket: Socket | Duplex, end: string) =>
  new Promise<void>((resolve) => {
    let last = '';
    socket.on('data', (chunk: Buffer) => {
      last = (last + chunk.toString('latin1')).slice(-100);
      if (last.includes(end)) resolve();
    });
  });

/** Both are closed with the test, Buoy first. */
function sshTo(server: ScriptedServer): Ssh {
  cleanUp.push(async () => {
    for (const client of server.clients) (client as unknown as HostileClient)._sock.destroy();
    await server.close();
  });
  const ssh = createSsh({
    targets: createMemoryTargets(server.target()),
    clock: systemClock,
    logger: createKeptLogger().logger,
  });
  cleanUp.push(() => ssh.close());
  return ssh;
}

/** What a terminal's client has sent so far, and whether it is read. */
type Input = { pieces: number; sizes: number; isPaused: boolean };

/** Notes what passes through `socket` in `input`. */
function noted(socket: TerminalSocket, input: Input): TerminalSocket {
  const onFrame = ({ type }: TerminalClientFrame): void => {
    if (type === 'resize') input.sizes += 1;
  };
  return {
    ...socket,
    listen: (listener) =>
      socket.listen({
        onBytes(bytes) {
          input.pieces += 1;
          listener.onBytes(bytes);
        },
        onFrame(frame) {
          onFrame(frame);
          listener.onFrame(frame);
        },
      }),
    pause() {
      input.isPaused = true;
      socket.pause();
    },
    resume() {
      input.isPaused = false;
      socket.resume();
    },
  };
}

/**
 * A terminal whose host accepts nothing, so that only Buoy's own work is measured.
 * @param window bytes that the host lets Buoy send
 */
async function openTerminal(window?: number): Promise<{ browser: Socket; input: Input }> {
  const input: Input = { pieces: 0, sizes: 0, isPaused: false };
  const server = await startScriptedServer({
    onClient(client) {
      if (window === undefined) return;
      const { _protocol: protocol } = client as unknown as HostileClient;
      const confirm = protocol.channelOpenConfirm.bind(protocol);
      protocol.channelOpenConfirm = (id, own, _window, packetSize) => confirm(id, own, window, packetSize);
    },
    onSession: (session) => session.on('pty', (accept) => accept()).on('shell', (accept) => void accept()),
  });
  const ssh = sshTo(server);
  const running = await startDurabilityApp({
    routes: [
      route('GET /servers/:id/terminal', admin(serverInPath), async ({ socket }) => {
        const shell = await ssh.shell(server.target().serverId, { columns: 80, rows: 24 }, soon);
        (server.clients[0] as unknown as HostileClient)._sock.pause();
        socket.send({ type: 'ready' });
        await relayShell(shell, noted(socket, input), systemClock);
      }),
    ],
  });
  cleanUp.push(() => running.close());
  const authorization = await running.authorization(42);
  await running.addServer('srv_1', 42, 'admin');
  await running.app.listen({ host: '127.0.0.1', port: 0 });
  const browser = connect((running.app.server.address() as AddressInfo).port, '127.0.0.1');
  cleanUp.push(() => browser.destroy());
  const ready = shows(browser, 'ready');
  browser.write(
    `GET /api/servers/srv_1/terminal HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await ready;
  return { browser, input };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use, without garbage. */
async function usedBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await nextTurn();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Resolves when nothing more comes of what has arrived from a client that is not read. */
async function settled(input: Input): Promise<void> {
  for (let seen = -1; seen !== input.pieces; ) {
    seen = input.pieces;
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  }
}

/** A browser frame with a mask that changes nothing. */
const masked = (first: number, text: string) =>
  Buffer.concat([Buffer.of(first, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]);

describe('terminal', () => {
  test.each([
    ['letters', Buffer.alloc(7 * 5_000, masked(0x82, 'x'))],
    ['sizes', Buffer.alloc(46 * 5_000, masked(0x81, '{"type":"resize","columns":80,"rows":24}'))],
  ])(
    'single %s that arrive at once do not block the event loop',
    async (_what, frames) => {
      const blocked: number[] = [];
      for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
        const { browser } = await openTerminal();
        const { blockedMs } = await longestBlock(async () => {
          browser.write(Buffer.concat([frames, masked(0x88, '')]));
          await once(browser, 'data');
        });
        blocked.push(blockedMs);
      }
      expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
    },
    60_000,
  );

  test('empty frames do not fill the memory while the server takes no input', async () => {
    const { browser, input } = await openTerminal(0);
    browser.write(masked(0x82, 'x'));
    await until(() => input.pieces === 1, 'a letter waits for the server');
    const before = await usedBytes();
    browser.write(Buffer.alloc(6 * 200_000, masked(0x82, '')));
    browser.write(masked(0x81, '{"type":"resize","columns":80,"rows":24}'));
    await until(() => input.sizes === 1, 'all have come', 60_000);
    expect((await usedBytes()) - before).toBeLessThan(MAX_HELD);
  }, 90_000);

  test('single letters do not fill the memory while the server takes no input, and the client waits', async () => {
    const LETTERS = 60_000;
    const { browser, input } = await openTerminal(0);
    const before = await usedBytes();
    browser.write(Buffer.alloc(7 * LETTERS, masked(0x82, 'x')));
    await until(() => input.isPaused || input.pieces === LETTERS, 'no more of them is taken', 60_000);
    await settled(input);
    expect(input).toMatchObject({ isPaused: true });
    expect((await usedBytes()) - before).toBeLessThan(MAX_HELD);
  }, 90_000);

  test('single letters do not keep what came with them while the server takes no input', async () => {
    const { browser, input } = await openTerminal(0);
    const around = Buffer.alloc(6 * 10_000, masked(0x82, ''));
    const before = await usedBytes();
    for (let sent = 1; sent <= 60; sent += 1) {
      browser.write(Buffer.concat([around, masked(0x82, 'x')]));
      browser.write(masked(0x81, '{"type":"resize","columns":80,"rows":24}'));
      await until(() => input.sizes === sent, 'it has come', 60_000);
    }
    expect((await usedBytes()) - before).toBeLessThan(MAX_HELD);
  }, 90_000);
});

describe('tab of a Control UI', () => {
  test('empty gateway frames that arrive at once do not block the event loop', async () => {
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const { browser, client, id } = await openTab();
      const recipient = Buffer.alloc(4);
      recipient.writeUInt32BE(id);
      const frames = Buffer.alloc(32_000, Buffer.of(0x81, 0));
      const data = Buffer.concat([Buffer.of(94), recipient, field(frames)]);
      const last = Buffer.concat([Buffer.of(94), recipient, field(Buffer.from('\x81\x03END', 'latin1'))]);
      const flood = Buffer.concat([await packets(client, data, 2), await packets(client, last, 1)]);
      const { blockedMs } = await longestBlock(async () => {
        client._sock.write(flood);
        await shows(browser, 'END');
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);

  test('empty browser frames that arrive at once do not block the event loop', async () => {
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const { browser, client } = await openTab();
      const flood = Buffer.concat([Buffer.alloc(6 * 3_000, masked(0x82, '')), masked(0x88, '')]);
      // The output of Buoy is not read here, so that only its own work is measured.
      client._sock.pause();
      const { blockedMs } = await longestBlock(async () => {
        browser.write(flood);
        await once(browser, 'data');
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);

  test('an upload in single bytes does not block the event loop', async () => {
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const one = '1\r\nx\r\n';
      const { browser, client, uploaded } = await openTab(
        `POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${one}`,
      );
      client._sock.pause();
      const { blockedMs } = await longestBlock(async () => {
        browser.write(`${one.repeat(3_000)}0\r\n\r\n`);
        await uploaded;
        await nextTurn();
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  });
});
