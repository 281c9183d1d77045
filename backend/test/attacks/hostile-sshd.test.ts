// The SSH service of a managed server that was taken over: what it sends unasked takes neither Buoy's time nor its memory.
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/testing/until.ts';
import { createSsh } from '../../src/ssh/create-ssh.ts';
import type { Ssh } from '../../src/ssh/ssh.ts';
import { createKeptLogger } from '../../src/ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../../src/ssh/testing/memory-targets.ts';
import { startScriptedServer, testHostKey } from '../../src/ssh/testing/scripted-server.ts';
import { longestBlock } from '../support/main-thread.ts';
import { blobOf, field, type HostileClient, packets } from '../support/ssh-packets.ts';

/** Milliseconds of this thread in one go. */
const MOST_MS = 50;
/** The first try also compiles code and collects garbage. */
const TRIES = 3;
const MIB = 1024 * 1024;
const soon = { deadlineMs: 10_000 };

const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** A connection to a server that does `onReady` as soon as Buoy has logged in. */
async function connected(onReady: (client: HostileClient) => void): Promise<{ ssh: Ssh; serverId: string }> {
  const server = await startScriptedServer({
    config: { algorithms: { cipher: ['aes128-gcm@openssh.com'] } },
    onClient: (client) => client.on('ready', () => onReady(client as unknown as HostileClient)),
  });
  cleanUp.push(() => server.close());
  const target = server.target();
  const targets = createMemoryTargets(target);
  const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
  cleanUp.push(() => ssh.close());
  await ssh.exec(target.serverId, 'true', soon);
  return { ssh, serverId: target.serverId };
}

describe('a managed server that wants the time of Buoy', () => {
  test('gets no more of it by a megabyte of the smallest packets at once', async () => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
    });
    const ignored = Buffer.concat([Buffer.of(2), field('x')]);
    const blocked: number[] = [];
    for (let attempt = 0; attempt < TRIES && blocked.every((ms) => ms > MOST_MS); attempt += 1) {
      const flood = await packets(client!, ignored, 28_000);
      const { blockedMs } = await longestBlock(async () => {
        client!._sock.write(flood);
        await ssh.exec(serverId, 'true', soon);
      });
      blocked.push(blockedMs);
    }
    expect(Math.min(...blocked)).toBeLessThan(MOST_MS);
  }, 30_000);

  test('is not asked to prove the host keys that it names, however many', async () => {
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
    expect(blockedMs).toBeLessThan(MOST_MS);
  });

  test.each([
    ['requests', [Buffer.of(80), field('x'), Buffer.of(1)]],
    ['channels', [Buffer.of(90), field('x'), Buffer.alloc(12)]],
  ])('loses the connection by %s without end, which Buoy would have to answer', async (_what, parts) => {
    let client: HostileClient | undefined;
    const { ssh, serverId } = await connected((one) => {
      client = one;
    });
    client!._sock.write(await packets(client!, Buffer.concat(parts), 10_000));
    await until(() => ssh.state(serverId) !== 'connected', 'the connection is cut');
  });

  test('loses the connection by exchanging keys without end', async () => {
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

  test('keeps the connection while it asks as often as sshd does', async () => {
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

describe('a managed server that wants the memory of Buoy', () => {
  test('fills none by the second output of a forwarded stream', async () => {
    let poured = 0;
    const { ssh, serverId } = await connected((client) =>
      client.on('tcpip', (accept) => {
        const { id } = (accept as () => { outgoing: { id: number } })().outgoing;
        const pour = setInterval(() => {
          // Data in spite of a window that is used up, as fast as it is read: nothing waits on this side.
          while (client._sock.writableLength < MIB && poured < 150 * MIB) {
            client._protocol.channelExtData(id, Buffer.alloc(30_000), 1);
            poured += 30_000;
          }
        }, 1);
        client.on('close', () => clearInterval(pour));
      }),
    );
    const before = process.memoryUsage().arrayBuffers;
    await ssh.forward(serverId, '127.0.0.1', 1, soon);
    await until(() => poured >= 150 * MIB, 'all of it has come', 20_000);
    await until(() => process.memoryUsage().arrayBuffers - before < 75 * MIB, 'none of it is kept', 10_000);
  }, 40_000);
});
