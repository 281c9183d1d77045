// Exchanges of keys in the middle of transfers: nothing is lost or reordered, whoever begins them and however many there are.
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Client } from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import { watchKeyExchanges } from './key-exchanges.ts';
import type { Ssh, SshTarget } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

const patient = { deadlineMs: 40_000 };
const MIB = 1024 * 1024;

const cleanUp: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

function sshTo(target: SshTarget): Ssh {
  const ssh = createSsh({
    targets: createMemoryTargets(target),
    clock: systemClock,
    logger: createKeptLogger().logger,
  });
  cleanUp.push(() => ssh.close());
  return ssh;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(noSshd !== null)(
  `a server that wants new keys each megabyte${noSshd === null ? '' : ` (${noSshd})`}`,
  () => {
    test('gets long input, a long stream in both directions and short commands at the same time', async () => {
      const sshd = await startLoopbackSshd({ config: ['RekeyLimit 1M'] });
      cleanUp.push(() => sshd.stop());
      const echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
      echo.listen(0, '127.0.0.1');
      await once(echo, 'listening');
      cleanUp.push(() => echo.close());
      const ssh = sshTo(sshd.target());
      const { serverId } = sshd.target();
      const bytes = randomBytes(10 * MIB);

      const stream = await ssh.forward(serverId, '127.0.0.1', (echo.address() as AddressInfo).port, patient);
      const echoed = buffer(stream);
      stream.end(bytes);
      const hashed = ssh.exec(serverId, 'sha256sum', { ...patient, stdin: bytes });
      for (let round = 0; round < 10; round += 1)
        expect((await ssh.exec(serverId, `echo ${round}`, patient)).stdout).toBe(`${round}\n`);

      expect((await hashed).stdout.slice(0, 64)).toBe(hashOf(bytes));
      expect(hashOf(await echoed)).toBe(hashOf(bytes));
    }, 60_000);
  },
);

describe('a server that wants new keys while it reads input in small packets', () => {
  test('gets all of it in order, and the result of the command arrives', async () => {
    // An exchange ends once the window's 2 MiB before it have arrived: 16 MiB always hold more than three.
    const content = randomBytes(16 * MIB);
    const received = createHash('sha256');
    let receivedBytes = 0;
    let exchanges = 0;
    const server = await startScriptedServer({
      onClient(client) {
        client.on('rekey', () => {
          exchanges += 1;
        });
        const { _protocol: protocol } = client as unknown as {
          _protocol: { channelOpenConfirm(id: number, own: number, window: number, packet: number): void };
        };
        const confirm = protocol.channelOpenConfirm.bind(protocol);
        protocol.channelOpenConfirm = (id, own, window) => confirm(id, own, window, 512);
      },
      onSession: (session) =>
        session.on('exec', (accept) => {
          const channel = accept();
          channel.on('data', (chunk: Buffer) => {
            const before = Math.floor(receivedBytes / MIB);
            receivedBytes += chunk.length;
            received.update(chunk);
            if (Math.floor(receivedBytes / MIB) > before) server.clients[0]?.rekey();
          });
          channel.on('end', () => {
            channel.exit(0);
            channel.end();
          });
        }),
    });
    cleanUp.push(() => server.close());
    const { serverId } = server.target();
    const { exitCode } = await sshTo(server.target()).exec(serverId, 'x', { ...patient, stdin: content });
    expect(exitCode).toBe(0);
    expect(received.digest('hex')).toBe(hashOf(content));
    await until(() => exchanges > 3, 'keys were exchanged again and again');
  }, 60_000);
});

test('an exchange may last while what was written before it still goes out', () => {
  const clock = createFakeClock();
  const protocol: { _kexinit?: Buffer } = {};
  const client = Object.assign(new EventEmitter(), { _protocol: protocol });
  let unsent = 3;
  let cut = 0;
  watchKeyExchanges(client as unknown as Client, {
    ...{ clock, maxMs: 1_000, unsentBytes: () => unsent },
    ...{ onTooLong: () => (cut += 1), onTooMuch: () => undefined },
  });
  client.emit('handshake');
  protocol._kexinit = Buffer.alloc(1);
  for (unsent of [2, 1, 0]) {
    clock.pass(1_000);
    expect(cut).toBe(0);
  }
  clock.pass(1_000);
  expect(cut).toBe(1);
});
