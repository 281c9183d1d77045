// The SSH service of a managed server that was taken over: unsolicited data must exhaust neither Buoy's CPU time nor its memory.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createOneATurn } from '../../src/lib/one-a-turn.ts';
import { until } from '../../src/lib/testing/until.ts';
import { openConnection } from '../../src/openclaw/gateway/connection.ts';
import { startScriptedGateway } from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { createUnfinishedFrames } from '../../src/openclaw/gateway/unfinished-frames.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { Ssh, SshTarget } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer, testHostKey } from '../../src/ssh/testing/scripted-server.ts';
import { longestBlock } from '../support/main-thread.ts';
import { blobOf, field, type HostileClient, packets } from '../support/ssh-packets.ts';

/** Milliseconds of one uninterrupted block of this thread. */
const MAX_BLOCK_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 3;
const MIB = 1024 * 1024;
const soon = { deadlineMs: 10_000 };

const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** Connects to as many servers, each of which runs `onReady` once Buoy has logged in; `others` are known to Buoy as well. */
async function allConnected(
  count: number,
  onReady: (client: HostileClient) => void,
  ...others: SshTarget[]
): Promise<{ ssh: Ssh; serverIds: string[] }> {
  const found: SshTarget[] = [];
  for (let made = 0; made < count; made += 1) {
    const server = await startScriptedServer({
      config: { algorithms: { cipher: ['aes128-gcm@openssh.com'] } },
      onClient: (client) => client.on('ready', () => onReady(client as unknown as HostileClient)),
    });
    cleanUp.push(() => server.close());
    found.push(server.target());
  }
  const targets = createMemoryTargets(...found, ...others);
  const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
  cleanUp.push(() => ssh.close());
  const serverIds = found.map(({ serverId }) => serverId);
  for (const serverId of serverIds) await ssh.exec(serverId, 'true', soon);
  return { ssh, serverIds };
}

/** The same with one server. */
async function connected(onReady: (client: HostileClient) => void): Promise<{ ssh: Ssh; serverId: string }> {
  const { ssh, serverIds } = await allConnected(1, onReady);
  return { ssh, serverId: serverIds[0]! };
}

const unfinished = (onTooMuch: () => void) => createUnfinishedFrames().open('ada', onTooMuch);

describe('CPU time that a hostile SSH server can use', () => {
  test('a megabyte of the smallest packets at once does not block the event loop', async () => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
    });
    const ignored = Buffer.concat([Buffer.of(2), field('x')]);
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const flood = await packets(client!, ignored, 28_000);
      const { blockedMs } = await longestBlock(async () => {
        client!._sock.write(flood);
        await ssh.exec(serverId, 'true', soon);
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 30_000);

  test('ten hostile servers of one owner together do not block the event loop', async () => {
    const clients: HostileClient[] = [];
    const { ssh, serverIds } = await allConnected(10, (one) => clients.push(one));
    const ignored = Buffer.concat([Buffer.of(2), field('x')]);
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      const floods = await Promise.all(clients.map((client) => packets(client, ignored, 1_500)));
      const { blockedMs } = await longestBlock(async () => {
        for (const [index, client] of clients.entries()) client._sock.write(floods[index]!);
        await Promise.all(serverIds.map((serverId) => ssh.exec(serverId, 'true', soon)));
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 40_000);

  test('the result of an ordinary server that closes its connection right after it still arrives', async () => {
    const output = 'x'.repeat(40_000);
    const ordinary = await startScriptedServer({
      onSession: (session) =>
        session.on('exec', (accept) => {
          const stream = accept();
          stream.write(output);
          stream.exit(0);
          stream.end(() => {
            const last = ordinary.clients.at(-1) as unknown as HostileClient;
            setImmediate(() => last._sock.end());
          });
        }),
    });
    cleanUp.push(() => ordinary.close());
    const { serverId } = ordinary.target();
    let client: HostileClient | undefined;
    const { ssh, serverIds } = await allConnected(1, (one) => (client = one), ordinary.target());
    const ignored = Buffer.concat([Buffer.of(2), field('x')]);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const flood = await packets(client!, ignored, 14_000);
      await until(() => ssh.state(serverId) !== 'connected', 'the connection before is gone');
      client!._sock.write(flood);
      expect(await ssh.exec(serverId, 'true', soon)).toMatchObject({ exitCode: 0, stdout: output });
      await ssh.exec(serverIds[0]!, 'true', soon);
    }
  }, 40_000);

  test('Buoy asks for no proof of the host keys that a hostile server lists', async () => {
    let client: HostileClient | undefined;
    let asked = 0;
    const { ssh, serverId } = await connected((one) => {
      client = one;
      one.on('request', (_accept, reject, name) => {
        if (String(name).startsWith('hostkeys-prove')) asked += 1;
        (reject as (() => void) | undefined)?.();
      });
    });
    const keys = Array.from({ length: 600 }, () => field(blobOf(testHostKey)));
    const named = Buffer.concat([Buffer.of(80), field('hostkeys-00@openssh.com'), Buffer.of(0), ...keys]);
    const flood = await packets(client!, named, 20);
    const { blockedMs } = await longestBlock(async () => {
      client!._sock.write(flood);
      await ssh.exec(serverId, 'true', soon);
    });
    expect(asked).toBe(0);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  });

  test.each([
    ['requests', [Buffer.of(80), field('x'), Buffer.of(1)]],
    ['channels', [Buffer.of(90), field('x'), Buffer.alloc(12)]],
  ])('connection is cut for endless %s that Buoy would have to answer', async (_what, parts) => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
    });
    client!._sock.write(await packets(client!, Buffer.concat(parts), 10_000));
    await until(() => ssh.state(serverId) !== 'connected', 'the connection is cut');
  });

  test('connection is cut for endless key exchanges', async () => {
    let exchanges = 0;
    const { ssh, serverId } = await connected((client) => {
      client.on('rekey', () => {
        exchanges += 1;
        setImmediate(() => client.rekey());
      });
      client.rekey();
    });
    await until(() => ssh.state(serverId) !== 'connected', 'the connection is cut');
    expect(exchanges).toBeLessThan(30);
  });

  test('connection stays for as many requests as sshd sends', async () => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
    });
    const alive = Buffer.concat([Buffer.of(80), field('keepalive@openssh.com'), Buffer.of(1)]);
    client!._sock.write(await packets(client!, alive, 60));
    client!.rekey();
    await ssh.exec(serverId, 'true', soon);
    expect(ssh.state(serverId)).toBe('connected');
  });
});

/** The answer of a gateway that accepts the upgrade of the request in `head`. */
function upgraded(head: string): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1]?.trim() ?? '';
  const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accepted}\r\n\r\n`;
}

describe('CPU time that a fake gateway can use', () => {
  test('a next message announced for thirty years ahead sets no timer that fires each millisecond', async () => {
    const gateway = await startScriptedGateway();
    cleanUp.push(() => gateway.stop());
    gateway.tickIntervalMs = 1e12;
    let timers = 0;
    const clock: Clock = {
      now: systemClock.now,
      after(delayMs, run) {
        timers += 1;
        return systemClock.after(delayMs, run);
      },
    };
    const connection = await openConnection(
      {
        stream: connect(gateway.port, '127.0.0.1'),
        access: { port: gateway.port, auth: { token: gateway.token }, problem: null },
        events: { onEvent: () => undefined, onClosed: () => undefined },
        beforeConnect: async () => {},
        ...{ myTurn: createOneATurn(), unfinished, clock },
      },
      soon,
    );
    cleanUp.push(() => connection.close());
    timers = 0;
    // Timers of a millisecond that are set now fire before one of fifty.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(timers).toBeLessThan(5);
  });

  test('a frame in pieces of one byte does not block the event loop', async () => {
    const PIECES = 50_000;
    const frameHead = Buffer.concat([
      Buffer.of(0x81, 127),
      Buffer.alloc(6),
      Buffer.of(PIECES >> 8, PIECES & 255),
    ]);
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MAX_BLOCK_MS); attempt += 1) {
      let opened: { client: HostileClient; id: number } | undefined;
      const { ssh, serverId } = await connected((client) =>
        client.on('tcpip', (accept) => {
          const channel = (accept as () => Duplex & { outgoing: { id: number } })();
          opened = { client, id: channel.outgoing.id };
          channel.once('data', (head: Buffer) => channel.write(upgraded(String(head))));
        }),
      );
      const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
      const access = { port: 1, auth: null, problem: null };
      const events = { onEvent: () => undefined, onClosed: () => undefined };
      const connecting = openConnection(
        {
          ...{ stream, access, events, myTurn: createOneATurn(), unfinished, clock: systemClock },
          beforeConnect: async () => {},
        },
        { deadlineMs: 60_000 },
      ).catch((error: unknown) => error);
      await once(stream, 'data');
      const { client, id } = opened!;
      const recipient = Buffer.alloc(4);
      recipient.writeUInt32BE(id);
      const data = (bytes: Buffer) => Buffer.concat([Buffer.of(94), recipient, field(bytes)]);
      const flood = Buffer.concat([
        await packets(client, data(frameHead), 1),
        await packets(client, data(Buffer.from('x')), PIECES),
      ]);
      const { blockedMs } = await longestBlock(async () => {
        client._sock.write(flood);
        expect(await connecting).toMatchObject({ code: 'bad_gateway' });
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MAX_BLOCK_MS);
  }, 40_000);
});

function* megabytes(count: number): Generator<Buffer> {
  for (let made = 0; made < count; made += 1) yield Buffer.alloc(MIB);
}

/** The most bytes outside of the heap while `work` runs. */
async function mostMemory(work: () => Promise<void>): Promise<number> {
  let most = 0;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(sampler);
  }
  return Math.max(most, process.memoryUsage().arrayBuffers);
}

describe('memory that a hostile SSH server can use', () => {
  test('a file sent byte by byte does not fill the memory', async () => {
    const LENGTH = 3_000;
    let most = 0;
    const server = await startScriptedServer({
      onSession: (session) =>
        session.on('sftp', (accept) => {
          const sftp = accept();
          sftp.on('OPEN', (id) => sftp.handle(id, Buffer.from('h')));
          sftp.on('CLOSE', (id) => sftp.status(id, 0));
          sftp.on('READ', (id, _handle, offset) => {
            most = Math.max(most, process.memoryUsage().arrayBuffers);
            if (offset < LENGTH) sftp.data(id, Buffer.from('x'));
            else sftp.status(id, 1);
          });
        }),
    });
    cleanUp.push(() => server.close());
    const targets = createMemoryTargets(server.target());
    const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
    cleanUp.push(() => ssh.close());
    const before = process.memoryUsage().arrayBuffers;
    const options = { deadlineMs: 30_000, maxBytes: MIB };
    const content = await ssh.readFile(server.target().serverId, 'f', options);
    expect(content.toString()).toBe('x'.repeat(LENGTH));
    expect(most - before).toBeLessThan(75 * MIB);
  }, 40_000);

  test('a long file handle, which Buoy sends again with each read, does not fill the memory', async () => {
    const LONG = 200_000;
    let answering: NodeJS.Timeout | undefined;
    const server = await startScriptedServer({
      onSession: (session) =>
        session.on('sftp', (accept) => {
          const sftp = accept();
          const { id: channel } = (sftp as unknown as { outgoing: { id: number } }).outgoing;
          const client = server.clients[0] as unknown as HostileClient;
          sftp.on('OPEN', (id) => {
            client._protocol.channelWindowAdjust(channel, 2 ** 31);
            // A HANDLE answer that ssh2 itself would not build with more than 256 bytes.
            const head = Buffer.of(0, 0, 0, 0, 102, 0, 0, 0, 0);
            head.writeUInt32BE(5 + 4 + LONG, 0);
            head.writeUInt32BE(id, 5);
            const answer = Buffer.concat([head, field(Buffer.alloc(LONG))]);
            for (let at = 0; at < answer.length; at += 30_000)
              client._protocol.channelData(channel, answer.subarray(at, at + 30_000));
            // From here on the server reads nothing: it knows the ids of the requests.
            client._sock.pause();
            let asked = 0;
            answering = setInterval(() => {
              for (let ahead = 0; ahead < 20; ahead += 1) sftp.data(asked + ahead, Buffer.from('x'));
              asked += 1;
            }, 1);
          });
        }),
    });
    cleanUp.push(async () => {
      clearInterval(answering);
      (server.clients[0] as unknown as HostileClient)._sock.destroy();
      await server.close();
    });
    const targets = createMemoryTargets(server.target());
    const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
    cleanUp.push(() => ssh.close());
    const before = process.memoryUsage().arrayBuffers;
    const most = await mostMemory(async () => {
      const options = { deadlineMs: 8_000, maxBytes: MIB };
      const reading = ssh.readFile(server.target().serverId, 'f', options);
      await expect(reading).rejects.toMatchObject({ code: 'bad_gateway' });
    });
    expect(most - before).toBeLessThan(75 * MIB);
  }, 40_000);

  test('an upload that the server does not read does not fill the memory', async () => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
      one.on('tcpip', (accept) => {
        const { id } = (accept as () => { outgoing: { id: number } })().outgoing;
        one._protocol.channelWindowAdjust(id, 2 ** 31);
        one._sock.pause();
      });
    });
    cleanUp.push(async () => {
      client?._sock.destroy();
    });
    const stream = await ssh.forward(serverId, '127.0.0.1', 1, soon);
    const before = process.memoryUsage().arrayBuffers;
    const most = await mostMemory(async () => {
      const all = Readable.from(megabytes(200));
      const sent = pipeline(all, stream, { end: false });
      await expect(sent).rejects.toMatchObject({ code: 'unreachable' });
    });
    // Waiting data is held twice for a moment, before and after it is encrypted.
    expect(most - before).toBeLessThan(150 * MIB);
  }, 40_000);

  test('stderr of a forwarded stream does not fill the memory', async () => {
    let sentBytes = 0;
    const { ssh, serverId } = await connected((client) =>
      client.on('tcpip', (accept) => {
        const { id } = (accept as () => { outgoing: { id: number } })().outgoing;
        const sender = setInterval(() => {
          // Sends data although the window is used up, as fast as it is read, so nothing queues on this side.
          while (client._sock.writableLength < MIB && sentBytes < 150 * MIB) {
            client._protocol.channelExtData(id, Buffer.alloc(30_000), 1);
            sentBytes += 30_000;
          }
        }, 1);
        client.on('close', () => clearInterval(sender));
      }),
    );
    const before = process.memoryUsage().arrayBuffers;
    await ssh.forward(serverId, '127.0.0.1', 1, soon);
    await until(() => sentBytes >= 150 * MIB, 'all of it has come', 20_000);
    await until(() => process.memoryUsage().arrayBuffers - before < 75 * MIB, 'none of it is kept', 10_000);
  }, 40_000);

  test.each([
    ['output', (client: HostileClient, id: number) => client._protocol.channelData(id, Buffer.alloc(30_000))],
    [
      'errors',
      (client: HostileClient, id: number) => client._protocol.channelExtData(id, Buffer.alloc(30_000), 1),
    ],
  ])(
    'the %s of a command whose reader is slow does not fill the memory',
    async (_what, send) => {
      let sentBytes = 0;
      const server = await startScriptedServer({
        onSession: (session) =>
          session.on('exec', (accept) => {
            const { id } = (accept() as unknown as { outgoing: { id: number } }).outgoing;
            const client = server.clients[0] as unknown as HostileClient;
            const sender = setInterval(() => {
              // Sends data although the window is used up, as fast as it is read.
              while (client._sock.writableLength < MIB && sentBytes < 150 * MIB) {
                send(client, id);
                sentBytes += 30_000;
              }
            }, 1);
            client.on('close', () => clearInterval(sender));
          }),
      });
      cleanUp.push(() => server.close());
      const targets = createMemoryTargets(server.target());
      const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
      cleanUp.push(() => ssh.close());
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const sampler = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }, 5);
      const never = new Promise<void>(() => undefined);
      const options = { deadlineMs: 15_000, onOutput: () => never };
      await expect(ssh.exec(server.target().serverId, 'x', options)).rejects.toMatchObject({
        code: 'unreachable',
      });
      clearInterval(sampler);
      expect(most - before).toBeLessThan(75 * MIB);
    },
    40_000,
  );
});
