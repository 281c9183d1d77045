// The SSH service of a managed server that was taken over: what it sends, and what it does not read, must not fill Buoy's memory.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/testing/until.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { cleanUp, closeAll, connected, soon } from '../support/hostile-sshd.ts';
import { field, type HostileClient } from '../support/ssh-packets.ts';

const MIB = 1024 * 1024;

afterEach(closeAll);

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
  test('a long file handle, which Buoy sends again with each write, does not fill the memory', async () => {
    const LONG = 200_000;
    let answering: NodeJS.Timeout | undefined;
    const server = await startScriptedServer({
      onSession: (session) =>
        session.on('sftp', (accept) => {
          const sftp = accept();
          const { id: channel } = (sftp as unknown as { outgoing: { id: number } }).outgoing;
          const client = server.clients[0] as unknown as HostileClient;
          sftp.on('LSTAT', (id) => sftp.status(id, 2));
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
              for (let ahead = 0; ahead < 20; ahead += 1) sftp.status(asked + ahead, 0);
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
    const content = Buffer.alloc(20 * MIB);
    const before = process.memoryUsage().arrayBuffers;
    const most = await mostMemory(async () => {
      const options = { deadlineMs: 8_000, mode: 0o600 };
      const writing = ssh.writeFile(server.target().serverId, 'f', content, options);
      await expect(writing).rejects.toMatchObject({ code: 'bad_gateway' });
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
