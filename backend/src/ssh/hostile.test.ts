// Broken and hostile servers: whatever they send, calls end with an error and the process survives.

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isAppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import type { SshLimits } from './limits.ts';
import type { Ssh, SshTarget } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';
import { startRawServer, startScriptedServer } from './testing/scripted-server.ts';

const soon = { deadlineMs: 10_000 };
const fast: Partial<SshLimits> = { closeGraceMs: 100, backOffMs: 1, openMs: 1, openMaxMs: 1, lingerMs: 200 };
const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

function kept<T extends { close(): Promise<void> }>(resource: T): T {
  cleanUp.push(() => resource.close());
  return resource;
}

function sshFor(target: SshTarget, limits = fast): Ssh {
  const targets = createMemoryTargets(target);
  return kept(createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger, limits }));
}

describe('sessions', () => {
  test('a refused command is the kind shell, each time', async () => {
    const server = kept(
      await startScriptedServer({
        onSession: (session) => session.on('exec', (_accept, reject) => reject()),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    for (let i = 0; i < 3; i += 1) {
      await expect(ssh.exec(target.serverId, 'true', soon)).rejects.toMatchObject({
        code: 'refused',
        details: { kind: 'shell' },
      });
    }
  });

  test('a command that ends without an exit status is reported as such', async () => {
    const server = kept(
      await startScriptedServer({
        onSession: (session) => session.on('exec', (accept) => accept().end('bye')),
      }),
    );
    const target = server.target();
    await expect(sshFor(target).exec(target.serverId, 'true', soon)).rejects.toMatchObject({
      code: 'bad_gateway',
    });
  });

  test('a server that never confirms a close does not use up places', async () => {
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          session.on('exec', (accept, _reject, { command }) => {
            const stream = accept();
            if (command === 'well') stream.exit(0);
            // Says nothing more, not even to a close.
            if (command === 'well') stream.end();
            else Object.assign(stream, { close() {}, end() {} });
          }),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    for (let round = 0; round < 3; round += 1) {
      const calls = Array.from({ length: 8 }, () => ssh.exec(target.serverId, 'true', { deadlineMs: 150 }));
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'deadline' } });
      }
    }
    expect((await ssh.exec(target.serverId, 'well', soon)).exitCode).toBe(0);
  });

  test('a server that never answers the request for a session loses the connection after a while', async () => {
    const server = kept(await startScriptedServer({ onClient: (client) => silence(client, 'CHANNEL_OPEN') }));
    const target = server.target();
    const ssh = sshFor(target, { ...fast, suspectMs: 100 });
    await expect(ssh.exec(target.serverId, 'true', { deadlineMs: 400 })).rejects.toMatchObject({
      code: 'deadline',
    });
    await until(() => ssh.state(target.serverId) !== 'connected', 'the connection is dropped');
  });

  test('a channel with packets of 0 bytes, which would hang ssh2 for ever, ends the connection', async () => {
    const server = kept(
      await startScriptedServer({
        onClient(client) {
          const protocol = internals(client);
          const confirm = protocol.channelOpenConfirm.bind(protocol);
          protocol.channelOpenConfirm = (remote, local, window) => confirm(remote, local, window, 0);
        },
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    await expect(ssh.exec(target.serverId, 'cat', { ...soon, stdin: 'x' })).rejects.toMatchObject({
      code: 'unreachable',
    });
    await expect(
      ssh.writeFile(target.serverId, 'x', 'content', { ...soon, mode: 0o600 }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/unreachable|circuit_open/),
    });
  });

  test('a forwarded stream that nobody reads cannot fill the memory', async () => {
    const server = kept(
      await startScriptedServer({
        onClient: (client) =>
          client.on('tcpip', (accept) => {
            const channel = accept();
            const protocol = internals(client);
            const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing;
            // Data in spite of a window that is used up.
            const sender = setInterval(() => {
              for (let i = 0; i < 40; i += 1) protocol.channelData(id, Buffer.alloc(30_000));
            }, 1);
            client.on('close', () => clearInterval(sender));
          }),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    const stream = await ssh.forward(target.serverId, '127.0.0.1', 1, soon);
    await until(() => stream.destroyed, 'the stream is cut off');
    expect(stream.readableLength).toBeLessThan(1024 * 1024);
  });

  test('SFTP answers that make no sense are a bad gateway', async () => {
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          session.on('sftp', (accept) => {
            const sftp = accept();
            sftp.on('OPEN', (id) => sftp.name(id, []));
            sftp.on('LSTAT', (id) => sftp.name(id, []));
          }),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    const write = ssh.writeFile(target.serverId, 'x', 'content', { deadlineMs: 500, mode: 0o600 });
    await expect(write).rejects.toSatisfy((error) => isAppError(error, 'bad_gateway'));
  });

  test('writing files over an SFTP that never answers ends at the deadline, and the places are freed', async () => {
    let opened = 0;
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          void session
            .on('exec', (accept) => {
              const stream = accept();
              stream.exit(0);
              stream.end();
            })
            .on('sftp', (accept) => {
              opened += 1;
              accept().on('LSTAT', silent);
            }),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    const options = { deadlineMs: 300, mode: 0o600 };
    const calls = Array.from({ length: 8 }, () => ssh.writeFile(target.serverId, 'x', 'content', options));
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'deadline' } });
    }
    expect(opened).toBe(8);
    expect((await ssh.exec(target.serverId, 'true', soon)).exitCode).toBe(0);
  });

  test('a server without OpenSSH extensions gets its file by remove and rename', async () => {
    const files = new Map<string, Buffer>([['./config', Buffer.from('old')]]);
    const steps: string[] = [];
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          session.on('sftp', (accept) => {
            const sftp = accept();
            let open = '';
            sftp.on('LSTAT', (id) => sftp.status(id, 2));
            sftp.on('OPEN', (id, name, _flags, { mode }) => {
              steps.push(`open ${(mode & 0o777).toString(8)}`);
              open = name;
              files.set(name, Buffer.alloc(0));
              sftp.handle(id, Buffer.from('h'));
            });
            sftp.on('WRITE', (id, _handle, _offset, data) => {
              files.set(open, Buffer.concat([files.get(open) ?? Buffer.alloc(0), data]));
              sftp.status(id, 0);
            });
            sftp.on('FSETSTAT', (id, _handle, { mode }) => {
              steps.push(`mode ${(mode & 0o777).toString(8)}`);
              sftp.status(id, 0);
            });
            sftp.on('CLOSE', (id) => sftp.status(id, 0));
            sftp.on('REMOVE', (id, name) => {
              steps.push('remove');
              sftp.status(id, files.delete(name) ? 0 : 2);
            });
            sftp.on('RENAME', (id, from, to) => {
              steps.push('rename');
              files.set(to, files.get(from) ?? Buffer.alloc(0));
              files.delete(from);
              sftp.status(id, 0);
            });
          }),
      }),
    );
    const target = server.target();
    await sshFor(target).writeFile(target.serverId, '~/config', 'new', { ...soon, mode: 0o644 });
    expect(steps).toEqual(['open 600', 'mode 644', 'remove', 'rename']);
    expect([...files.keys()]).toEqual(['./config']);
    expect(String(files.get('./config'))).toBe('new');
  });
});

describe('the handshake', () => {
  test('garbage at any point ends with an error', async () => {
    const greeting = Buffer.from('SSH-2.0-Fuzz\r\n');
    const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array));
    const scripts = fc.oneof(
      bytes,
      bytes.map((tail) => Buffer.concat([greeting, tail])),
      // A packet with a plausible length, a KEXINIT as its type, and nonsense inside.
      bytes.map((tail) => {
        const head = Buffer.from([0, 0, (tail.length + 10) >> 8, (tail.length + 10) & 0xff, 4, 20]);
        return Buffer.concat([greeting, head, tail, Buffer.alloc(8)]);
      }),
    );
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (script, disconnects) => {
        const server = await startRawServer(
          (socket) => void (disconnects ? socket.end(script) : socket.write(script)),
        );
        const target = server.target();
        const ssh = sshFor(target);
        const error = await ssh.test(target, { deadlineMs: 50 }).catch((caught: unknown) => caught);
        expect(isAppError(error, 'unreachable')).toBe(true);
        await server.close();
      }),
      { numRuns: 20 },
    );
  });

  test('a real dialogue cut or damaged at any byte ends with an error', async () => {
    const server = kept(await startScriptedServer());
    const target = server.target();
    const ssh = sshFor(target);
    const where = fc.record({ at: fc.nat(2500), damage: fc.constantFrom('cut', 'flip', 'stall') });
    await fc.assert(
      fc.asyncProperty(where, async ({ at, damage }) => {
        const proxy = await startRawServer((socket) => {
          const upstream = connect({ port: server.port, host: '127.0.0.1' });
          upstream.on('error', () => {}).on('close', () => socket.destroy());
          socket.on('data', (chunk) => upstream.write(chunk)).on('close', () => upstream.destroy());
          let passed = 0;
          upstream.on('data', (chunk: Buffer) => {
            const here = at - passed;
            passed += chunk.length;
            if (here < 0 || here >= chunk.length) {
              if (here >= 0 || damage === 'flip') socket.write(chunk);
              return;
            }
            const damaged = Buffer.from(chunk);
            damaged[here] = (damaged[here] ?? 0) ^ 0x55;
            if (damage === 'flip') socket.write(damaged);
            else socket.write(chunk.subarray(0, here));
            if (damage === 'cut') socket.destroySoon();
          });
        });
        const outcome = await ssh
          .test({ ...target, port: proxy.port }, { deadlineMs: 150 })
          .catch((caught: unknown) => caught);
        // Damage beyond the login, or in a byte without meaning, may pass unnoticed.
        if (outcome instanceof Error) {
          expect(isAppError(outcome, 'unreachable', 'ssh_auth', 'host_key_changed')).toBe(true);
        }
        await proxy.close();
      }),
      { numRuns: 20 },
    );
  });

  test('an orderly disconnect ends all running commands, files and streams with an error', async () => {
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          void session
            .on('exec', (accept) => accept())
            .on('sftp', (accept) => void accept().on('OPEN', silent).on('LSTAT', silent)),
        onClient: (client) => client.on('tcpip', (accept) => accept()),
      }),
    );
    const target = server.target();
    const ssh = sshFor(target);
    const id = target.serverId;
    const stream = await ssh.forward(id, '127.0.0.1', 1, soon);
    const calls = [
      ssh.exec(id, 'sleep 9', soon),
      ssh.writeFile(id, 'x', 'content', { ...soon, mode: 0o600 }),
    ];
    const outcomes = Promise.allSettled(calls);
    await until(() => sessions(server.clients[0]) === 3, 'all channels are open');
    server.clients[0]?.end();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unreachable' } });
    }
    stream.write('too late');
    await until(() => stream.destroyed, 'the stream is gone');
  });

  test('a command is not run a second time when the connection breaks before its start is confirmed', async () => {
    let runs = 0;
    const server = kept(
      await startScriptedServer({
        onSession: (session) =>
          session.on('exec', () => {
            runs += 1;
            server.clients.at(-1)?.end();
          }),
      }),
    );
    const target = server.target();
    await expect(sshFor(target).exec(target.serverId, 'pay', soon)).rejects.toMatchObject({
      code: 'unreachable',
      details: { started: true },
    });
    expect(runs).toBe(1);
  });

  test('a hang-up at each step of a session ends with an error', async () => {
    for (const step of ['authentication', 'session', 'exec'] as const) {
      const server = kept(
        await startScriptedServer({
          onAuth: (context) => context.accept(),
          onClient: (client) => void (step !== 'exec' && client.on(step as 'session', () => client.end())),
          onSession: (session) => session.on('exec', () => server.clients.at(-1)?.end()),
        }),
      );
      const target = server.target();
      const error = await sshFor(target)
        .exec(target.serverId, 'true', soon)
        .catch((caught: unknown) => caught);
      expect(isAppError(error, 'unreachable')).toBe(true);
    }
  });
});

type ProtocolInternals = {
  channelOpenConfirm(remote: number, local: number, window: number, packet: number): void;
  channelData(id: number, data: Buffer): void;
  _handlers: Record<string, () => void>;
};

function internals(client: unknown): ProtocolInternals {
  return (client as { _protocol: ProtocolInternals })._protocol;
}

/** Channels that the server has open. */
function sessions(client: unknown): number {
  return (client as { _chanMgr: { _count: number } })._chanMgr._count;
}

const silent = () => {};

function silence(client: unknown, message: string): void {
  internals(client)._handlers[message] = () => {};
}
