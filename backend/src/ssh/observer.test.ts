// The SSH observer on a real OpenSSH server: calls, logins and the load of the pool.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import type { SshObserver } from './observer.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };

describe.skipIf(noSshd !== null)(`what SSH tells of its work${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  let sshd: LoopbackSshd;
  let ssh: ReturnType<typeof createSsh>;
  let id: string;
  let reported: string[];
  const observe: SshObserver = {
    call(name) {
      reported.push(`${name} begins`);
      return (failure) => reported.push(`${name} ${failure ?? 'ok'}`);
    },
    connected: (failure) => reported.push(`login ${failure ?? 'ok'}`),
  };

  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    id = sshd.target().serverId;
  });
  afterAll(() => sshd?.stop());
  beforeEach(() => {
    reported = [];
    const closed = { ...sshd.target(), serverId: 'closed', port: 1 };
    const stranger = sshd.target({ serverId: 'stranger', username: 'nobody-here' });
    ssh = createSsh({
      targets: createMemoryTargets(sshd.target(), closed, stranger),
      clock: systemClock,
      logger: createKeptLogger().logger,
      limits: { sessions: 1, failuresToOpen: 1, closeGraceMs: 200 },
      observe,
    });
    return () => ssh.close();
  });

  test('each call by its kind, and one login for all; a command with a non-zero exit code counts as a success', async () => {
    await ssh.exec(id, 'exit 3', soon);
    await ssh.script(id, 'true', [], soon);
    await ssh.writeFile(id, '~/told', 'x', { ...soon, mode: 0o600 });
    (await ssh.forward(id, '127.0.0.1', sshd.port, soon)).destroy();
    expect(reported).toEqual([
      'exec begins',
      'login ok',
      'exec ok',
      ...['script', 'write_file', 'forward'].flatMap((name) => [`${name} begins`, `${name} ok`]),
    ]);
  });

  test('a failed call by the code of its error, a failed login by its kind', async () => {
    await expect(ssh.writeFile(id, '/nowhere/x', 'x', { ...soon, mode: 0o600 })).rejects.toThrow();
    await expect(ssh.exec('closed', 'true', soon)).rejects.toThrow();
    await expect(ssh.exec('stranger', 'true', soon)).rejects.toThrow();
    await expect(ssh.test(sshd.target({ username: 'nobody-here' }), soon)).rejects.toThrow();
    expect(reported.filter((line) => !line.endsWith('begins'))).toEqual([
      'login ok',
      'write_file not_found',
      'login refused',
      'exec unreachable',
      'login auth',
      'exec ssh_auth',
      'login auth',
      'test ssh_auth',
    ]);
  });

  test('the load: connections, places taken, calls that wait, servers that are refused', async () => {
    expect(ssh.load()).toEqual({
      connections: 0,
      channels: { session: 0, shell: 0, forward: 0, tunnel: 0 },
      waiting: 0,
      openCircuits: 0,
    });
    await expect(ssh.exec('closed', 'true', soon)).rejects.toThrow();
    const controller = new AbortController();
    const busy = { ...soon, signal: controller.signal };
    const running = ssh.exec(id, 'sleep 30', busy).catch(() => undefined);
    await until(() => ssh.load().connections === 1, 'the connection is up');
    const waiting = ssh.exec(id, 'true', busy).catch(() => undefined);
    const stream = await ssh.forward(id, '127.0.0.1', sshd.port, soon);
    expect(ssh.load()).toEqual({
      connections: 1,
      channels: { session: 1, shell: 0, forward: 1, tunnel: 0 },
      waiting: 1,
      openCircuits: 1,
    });
    stream.destroy();
    controller.abort();
    await Promise.all([running, waiting]);
    await until(() => ssh.load().channels.session + ssh.load().channels.forward === 0, 'all is given back');
    expect(ssh.load()).toMatchObject({ connections: 1, waiting: 0 });
  });
});
