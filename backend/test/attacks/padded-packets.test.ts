// The SSH service of a managed server that was taken over sends data of one byte in packets of 32 KB, or as many single bytes as it may: what
// waits in Buoy must take about as much memory as it has bytes.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/testing/until.ts';
import { openConnection } from '../../src/openclaw/gateway/connection.ts';
import { createHeldFrames, type HeldFrames } from '../../src/openclaw/gateway/held-frames.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { cleanUp, closeAll, connected, soon } from '../support/hostile-sshd.ts';
import { type HostileClient, paddedData, sendPacket } from '../support/ssh-packets.ts';
import { upgraded } from '../support/upgraded.ts';

const MIB = 1024 * 1024;
/** Bytes behind the data: a packet has 35,000 at most. */
const JUNK_BYTES = 32_000;
/** A hundred MiB of packets. */
const PACKETS = 3_300;
/** Bytes that all of them may hold, with what the machinery of a test takes. */
const MAX_HELD = 8 * MIB;

afterEach(closeAll);

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

/** Sends `count` payloads, as fast as they are read, so that nothing queues on this side. */
async function sendAll(
  client: HostileClient,
  count: number,
  payloadAt: (index: number) => Buffer,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    sendPacket(client, payloadAt(index));
    if (client._sock.writableLength > MIB) await once(client._sock, 'drain');
  }
}

/** A stream that Buoy has forwarded, and the server's side of it. */
async function forwarded() {
  const opened = Promise.withResolvers<{ client: HostileClient; channel: Duplex; id: number }>();
  const { ssh, serverId } = await connected((client) =>
    client.on('tcpip', (accept) => {
      const channel = (accept as () => Duplex & { outgoing: { id: number } })();
      opened.resolve({ client, channel, id: channel.outgoing.id });
    }),
  );
  const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
  /** The answer comes behind all that was sent before. */
  const whenHere = () => ssh.exec(serverId, 'true', { deadlineMs: 40_000 });
  return { stream, whenHere, ...(await opened.promise) };
}

describe('a forward that Buoy does not read', () => {
  test.each([
    ['one byte in each packet of 32 KB', PACKETS, JUNK_BYTES, MAX_HELD],
    ['one byte in each packet', 30_000, 0, 4 * MIB],
  ])(
    'cannot fill the memory with %s, and loses none of it',
    async (_what, count, junkBytes, maxHeld) => {
      const { stream, client, id, whenHere } = await forwarded();
      const sent = Buffer.from(Array.from({ length: count }, (_, at) => at % 251));
      const before = await usedBytes();
      await sendAll(client, count, (at) => paddedData(id, sent.subarray(at, at + 1), junkBytes));
      await whenHere();
      expect((await usedBytes()) - before).toBeLessThan(maxHeld);
      const chunks: Buffer[] = [];
      let arrived = 0;
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        arrived += chunk.length;
      });
      await until(() => arrived >= count, 'all of it has come', 10_000);
      expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    },
    60_000,
  );
});

describe('a command', () => {
  test('that the server has not yet begun cannot fill the memory with its output', async () => {
    let sentBytes = 0;
    const server = await startScriptedServer({
      onClient(one) {
        const client = one as unknown as HostileClient;
        const confirm = client._protocol.channelOpenConfirm.bind(client._protocol);
        client._protocol.channelOpenConfirm = (id, ...rest) => {
          confirm(id, ...rest);
          const sender = setInterval(() => {
            while (client._sock.writableLength < MIB && sentBytes < 150 * MIB) {
              client._protocol.channelData(id, Buffer.alloc(30_000));
              sentBytes += 30_000;
            }
          }, 1);
          client.on('close', () => clearInterval(sender));
        };
      },
      onSession: (session) => session.on('exec', () => undefined),
    });
    cleanUp.push(() => server.close());
    const targets = createMemoryTargets(server.target());
    const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
    cleanUp.push(() => ssh.close());
    await expect(ssh.exec(server.target().serverId, 'x', { deadlineMs: 20_000 })).rejects.toMatchObject({
      code: 'unreachable',
    });
    expect(sentBytes).toBeLessThan(75 * MIB);
  }, 60_000);

  test('whose errors Buoy does not read cannot fill the memory with one byte in each packet', async () => {
    const opened = Promise.withResolvers<{ client: HostileClient; id: number }>();
    const server = await startScriptedServer({
      onSession: (session) =>
        session.on('exec', (accept, _reject, { command }) => {
          const channel = accept();
          const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing;
          if (command === 'flood')
            return opened.resolve({ client: server.clients[0] as unknown as HostileClient, id });
          channel.exit(0);
          channel.end();
        }),
    });
    cleanUp.push(() => server.close());
    const targets = createMemoryTargets(server.target());
    const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
    cleanUp.push(() => ssh.close());
    const { serverId } = server.target();
    const leaving = new AbortController();
    const running = ssh.exec(serverId, 'flood', {
      ...{ deadlineMs: 60_000, signal: leaving.signal },
      onOutput: () => new Promise<void>(() => undefined),
    });
    const ended = expect(running).rejects.toThrow();
    const { client, id } = await opened.promise;
    const before = await usedBytes();
    await sendAll(client, PACKETS, () => paddedData(id, Buffer.of(1), JUNK_BYTES, 'errors'));
    await ssh.exec(serverId, 'true', soon);
    expect((await usedBytes()) - before).toBeLessThan(MAX_HELD);
    leaving.abort();
    await ended;
  }, 60_000);
});

describe('a message of a gateway that never becomes whole', () => {
  const FRAGMENT = Buffer.of(0x00, 1, 120);

  /** Buoy waits for the gateway's first message; `begin` sends the beginning of a message of bytes. */
  async function handshake(heldFrames: HeldFrames) {
    const { stream, channel, client, id, whenHere } = await forwarded();
    const shaken = once(channel, 'data').then(([head]) => {
      channel.write(upgraded(String(head)));
      channel.write(Buffer.of(0x02, 1, 120));
    });
    const ended = openConnection(
      {
        stream,
        access: { port: 1, auth: null, problem: null },
        events: { onEvent: () => undefined, onClosed: () => undefined },
        beforeConnect: async () => undefined,
        myTurn: async () => undefined,
        hold: (onTooMuch) => heldFrames.open('ada', onTooMuch),
        clock: systemClock,
      },
      { deadlineMs: 60_000 },
    ).catch((error: unknown) => error);
    await shaken;
    return { stream, client, id, whenHere, ended };
  }

  test('cannot fill the memory with fragments of one byte in packets of 32 KB', async () => {
    const { client, id, whenHere, stream, ended } = await handshake(createHeldFrames());
    const before = await usedBytes();
    await sendAll(client, PACKETS, () => paddedData(id, FRAGMENT, JUNK_BYTES));
    await whenHere();
    expect((await usedBytes()) - before).toBeLessThan(MAX_HELD);
    stream.destroy();
    await ended;
  }, 60_000);

  test('counts with what its fragments take, not only with their bytes', async () => {
    const { client, id, ended } = await handshake(createHeldFrames(2 * MIB));
    await sendAll(client, 5_000, () => paddedData(id, FRAGMENT, 0));
    expect(await ended).toMatchObject({ code: 'output_too_large' });
  }, 60_000);
});
