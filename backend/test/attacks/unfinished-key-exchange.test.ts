// The SSH service of a managed server that was taken over begins an exchange of keys and does not finish it, or late: until then nothing may be
// sent, so that all that waits must neither fill Buoy's memory nor block its event loop once the exchange is over.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/testing/until.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { SshLimits } from '../../src/ssh/limits.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { cleanUp, closeAll, soon } from '../support/hostile-sshd.ts';
import { longestBlock } from '../support/main-thread.ts';
import type { HostileClient } from '../support/ssh-packets.ts';

const MIB = 1024 * 1024;
/** Milliseconds of one uninterrupted block of this thread. */
const MAX_BLOCK_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 3;

afterEach(closeAll);

/** A Buoy, a server that accepts all that Buoy opens and lets it send without end, and the server's side of their connection. */
async function connected(limits: Partial<SshLimits> = {}) {
  const server = await startScriptedServer({
    config: { algorithms: { cipher: ['aes128-gcm@openssh.com'] } },
    onSession: (session) =>
      void session
        .on('pty', (accept) => accept())
        .on('shell', (accept) => void accept())
        .on('exec', (accept) => {
          const stream = accept();
          stream.exit(0);
          stream.end();
        }),
    onClient: (client) =>
      client.on('tcpip', (accept) => {
        const { id } = (accept() as unknown as { outgoing: { id: number } }).outgoing;
        (client as unknown as HostileClient)._protocol.channelWindowAdjust(id, 2 ** 31);
      }),
  });
  cleanUp.push(async () => {
    for (const client of server.clients) (client as unknown as HostileClient)._sock.destroy();
    await server.close();
  });
  const ssh = createSsh({
    targets: createMemoryTargets(server.target()),
    clock: systemClock,
    logger: createKeptLogger().logger,
    limits,
  });
  cleanUp.push(() => ssh.close());
  const { serverId } = server.target();
  await ssh.exec(serverId, 'true', soon);
  return { ssh, serverId, client: server.clients[0] as unknown as HostileClient };
}

/** Begins an exchange of keys, which Buoy takes up, and leaves it until `finish` is called; then all that comes is only counted. */
async function beginExchange(client: HostileClient) {
  const protocol = client._protocol;
  const parse = protocol.parse.bind(protocol);
  const unread: Buffer[] = [];
  let receivedBytes = 0;
  protocol.parse = (bytes, from, to) => void unread.push(bytes.subarray(from, to));
  client.rekey();
  await until(() => unread.length > 0, 'Buoy has answered');
  return {
    finish() {
      for (const bytes of unread.splice(0)) parse(bytes, 0, bytes.length);
      protocol.parse = (_bytes, from, to) => {
        receivedBytes += to - from;
      };
    },
    receivedBytes: () => receivedBytes,
  };
}

describe('an exchange of keys that the server does not finish', () => {
  test('ends the connection after a while, in words', async () => {
    const { ssh, serverId, client } = await connected({ exchangeMs: 200 });
    const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
    const lost = new Promise<Error>((resolve) => stream.once('error', resolve));
    await beginExchange(client);
    expect(await lost).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('did not finish an exchange of keys'),
    });
    expect(ssh.state(serverId)).toBe('idle');
  });

  test('keeps what is sent meanwhile out of the memory', async () => {
    const { ssh, serverId, client } = await connected({ exchangeMs: 2_000 });
    const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
    await until(() => stream.writable, 'the stream is open');
    await beginExchange(client);
    let taken = 0;
    const endless = Readable.from(
      (function* () {
        for (; taken < 200; taken += 1) yield Buffer.alloc(MIB);
      })(),
    );
    await expect(pipeline(endless, stream, { end: false })).rejects.toMatchObject({ code: 'unreachable' });
    expect(taken).toBeLessThan(20);
  }, 20_000);

  test('ends the connection for endless sizes of a terminal, which no server has to take', async () => {
    const { ssh, serverId, client } = await connected();
    const shell = await ssh.shell(serverId, { columns: 80, rows: 24 }, soon);
    await beginExchange(client);
    for (let sent = 0; sent < 5_000; sent += 1) shell.resize({ columns: 80, rows: 24 });
    expect(ssh.state(serverId)).not.toBe('connected');
  });

  test('shows that a terminal is behind when sizes wait for its end', async () => {
    const { ssh, serverId, client } = await connected();
    const shell = await ssh.shell(serverId, { columns: 80, rows: 24 }, soon);
    await beginExchange(client);
    for (let sent = 0; sent < 500; sent += 1) shell.resize({ columns: 80, rows: 24 });
    expect(shell.isBehind()).toBe(true);
  });
});

describe('an exchange of keys that the server finishes late', () => {
  test('does not block the event loop with single bytes that were written meanwhile', async () => {
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const { ssh, serverId, client } = await connected();
      const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
      const exchange = await beginExchange(client);
      for (let sent = 0; sent < 10_000; sent += 1) {
        stream.write('x');
        await nextTurn();
      }
      const { blockedMs } = await longestBlock(async () => {
        exchange.finish();
        await until(() => exchange.receivedBytes() > 10_000, 'all has come');
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);

  test('does not block the event loop with as many requests as may wait', async () => {
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const { ssh, serverId, client } = await connected();
      const shell = await ssh.shell(serverId, { columns: 80, rows: 24 }, soon);
      const exchange = await beginExchange(client);
      for (let sent = 0; sent < 990; sent += 1) shell.resize({ columns: 80, rows: 24 });
      const { blockedMs } = await longestBlock(async () => {
        exchange.finish();
        await until(() => exchange.receivedBytes() > 30_000, 'all have come');
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);
});
