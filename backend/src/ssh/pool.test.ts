// The kept connection under bad conditions: frozen, cut, restarted, hostile and unreachable servers.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import { failureOf } from './failures.ts';
import type { SshLimits } from './limits.ts';
import type { SshTarget } from './ssh.ts';
import { type Gate, openGate } from './testing/gate.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets, type MemoryTargets } from './testing/memory-targets.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

const soon = { deadlineMs: 10_000 };
const fast: Partial<SshLimits> = {
  keepAliveMs: 100,
  keepAliveMisses: 2,
  closeGraceMs: 200,
  backOffMs: 20,
  openMs: 200,
  openMaxMs: 400,
};

describe.skipIf(noSshd !== null)(`the kept connection${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  let sshd: LoopbackSshd;
  const cleanUp: Array<() => Promise<void>> = [];
  beforeAll(async () => {
    sshd = await startLoopbackSshd({ hostKeyTypes: ['ed25519', 'rsa'] });
  });
  afterAll(() => sshd?.stop());
  afterEach(async () => {
    for (const close of cleanUp.splice(0).reverse()) await close();
  });

  function sshFor(
    limits: Partial<SshLimits>,
    ...all: SshTarget[]
  ): { ssh: ReturnType<typeof createSsh>; targets: MemoryTargets } {
    const targets = createMemoryTargets(...all);
    const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger, limits });
    cleanUp.push(() => ssh.close());
    return { ssh, targets };
  }

  async function gate(options?: { pieceBytes: number }): Promise<Gate> {
    const opened = await openGate(sshd.port, options);
    cleanUp.push(() => opened.close());
    return opened;
  }

  test('is shared by all calls, also by those that arrive while it is made', async () => {
    const proxy = await gate();
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    await Promise.all(Array.from({ length: 20 }, () => ssh.exec('a', 'true', soon)));
    await ssh.exec('a', 'true', soon);
    expect(proxy.accepted()).toBe(1);
    expect(ssh.state('a')).toBe('connected');
  });

  test('is closed by a reset, also where the server keeps the old one open with a hanging command', async () => {
    const server = await startScriptedServer({
      onSession(session) {
        session.on('pty', (accept) => accept?.());
        session.on('shell', (accept) => void accept());
        session.on('exec', () => undefined);
      },
    });
    cleanUp.push(() => server.close());
    const target = server.target();
    const { ssh } = sshFor({ closeGraceMs: 50 }, target);
    const shell = await ssh.shell(target.serverId, { columns: 80, rows: 24 }, soon);
    const ended = new Promise((resolve) => shell.stream.once('close', resolve));
    shell.stream.on('error', () => undefined).resume();
    await expect(ssh.exec(target.serverId, 'true', { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'deadline',
    });
    await until(() => ssh.state(target.serverId) === 'idle', 'the connection takes no new channels');
    ssh.reset(target.serverId);
    await ended;
  });

  test('works over a network that delivers single bytes', async () => {
    const proxy = await gate({ pieceBytes: 1 });
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    expect((await ssh.exec('a', 'echo slow', { deadlineMs: 10_000 })).stdout).toBe('slow\n');
  });

  test('to a frozen server is dropped when a call reaches its deadline, and other servers are not affected', async () => {
    const proxy = await gate();
    const { ssh } = sshFor(
      fast,
      sshd.target({ serverId: 'frozen', port: proxy.port }),
      sshd.target({ serverId: 'well' }),
    );
    await Promise.all([ssh.exec('frozen', 'true', soon), ssh.exec('well', 'true', soon)]);
    proxy.freeze();
    const startedAt = performance.now();
    await expect(ssh.exec('frozen', 'true', { deadlineMs: 150 })).rejects.toMatchObject({ code: 'deadline' });
    expect(performance.now() - startedAt).toBeLessThan(400);
    expect((await ssh.exec('well', 'echo ok', { deadlineMs: 1000 })).stdout).toBe('ok\n');
    await until(() => ssh.state('frozen') !== 'connected', 'the keep-alive ends the connection');
    const calls = Array.from({ length: 20 }, () => ssh.exec('frozen', 'true', { deadlineMs: 200 }));
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unreachable' } });
    }
    proxy.thaw();
    expect((await ssh.exec('frozen', 'echo back', soon)).stdout).toBe('back\n');
  });

  test('lost during a command reports that the outcome is unknown', async () => {
    const proxy = await gate();
    const { ssh } = sshFor(fast, sshd.target({ serverId: 'a', port: proxy.port }));
    await ssh.exec('a', 'true', soon);
    const running = ssh.exec('a', 'sleep 5', soon);
    running.catch(() => {});
    await ssh.exec('a', 'true', soon);
    proxy.cut();
    await expect(running).rejects.toMatchObject({
      code: 'unreachable',
      details: { started: true },
      hint: expect.stringContaining('may or may not'),
    });
  });

  test('that was lost unnoticed is replaced without an error', async () => {
    const proxy = await gate();
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    await ssh.exec('a', 'true', soon);
    proxy.cut();
    expect((await ssh.exec('a', 'echo again', soon)).stdout).toBe('again\n');
    expect(proxy.accepted()).toBe(2);
  });

  test('to a server that is off fails, then fails immediately by the open circuit, and recovers soon after the server is on', async () => {
    const proxy = await gate();
    const { ssh } = sshFor(fast, sshd.target({ serverId: 'a', port: proxy.port }));
    await proxy.shut();
    const codes = new Set<string>();
    for (let i = 0; i < 8; i += 1) {
      const error = await ssh.exec('a', 'true', soon).catch((caught: { code: string }) => caught);
      codes.add((error as { code: string }).code);
      expect(failureOf(error).kind).toBe('refused');
    }
    expect([...codes]).toEqual(['unreachable', 'circuit_open']);
    expect(ssh.state('a')).toBe('circuit_open');
    await proxy.reopen();
    const startedAt = performance.now();
    let works = false;
    await until(() => {
      void ssh.exec('a', 'true', soon).then(
        () => {
          works = true;
        },
        () => {},
      );
      return works;
    }, 'the server answers again');
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test('says whether anything can have been sent to a server since a moment', async () => {
    const proxy = await gate();
    const { ssh } = sshFor(fast, sshd.target({ serverId: 'a', port: proxy.port }));
    await proxy.shut();
    const whileOff = ssh.watchSending('a');
    await expect(ssh.exec('a', 'true', soon)).rejects.toMatchObject({ code: 'unreachable' });
    expect(whileOff()).toBe(false);
    await proxy.reopen();
    await ssh.exec('a', 'true', soon);
    expect(whileOff()).toBe(true);
    const whileOpen = ssh.watchSending('a');
    ssh.reset('a');
    expect(whileOpen()).toBe(true);
  });

  test('cancelled while connecting, a call ends at once', async () => {
    const proxy = await gate();
    proxy.freeze();
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    const stop = new AbortController();
    const call = ssh.exec('a', 'true', { ...soon, signal: stop.signal });
    await until(() => proxy.accepted() === 1, 'connecting');
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('reset while connecting, a call continues with the new settings', async () => {
    const proxy = await gate();
    proxy.freeze();
    const { ssh, targets } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    const call = ssh.exec('a', 'echo new', soon);
    await until(() => proxy.accepted() === 1, 'connecting');
    targets.set(sshd.target({ serverId: 'a' }));
    ssh.reset('a');
    expect((await call).stdout).toBe('new\n');
  });

  test('reset while a channel is opened, a call continues on a connection that the next reset closes', async () => {
    const proxy = await gate();
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', port: proxy.port }));
    await ssh.exec('a', 'true', soon);
    proxy.freeze();
    const call = ssh.exec('a', 'echo new', soon);
    await until(() => ssh.load().channels.session === 1, 'the call opens its channel');
    ssh.reset('a');
    proxy.thaw();
    expect((await call).stdout).toBe('new\n');
    expect([ssh.state('a'), ssh.load().connections]).toEqual(['connected', 1]);
    ssh.reset('a');
    expect(ssh.state('a')).toBe('idle');
  });

  test('to a deleted server is not_found', async () => {
    const { ssh } = sshFor({});
    await expect(ssh.exec('nobody', 'true', soon)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is not made any more after close', async () => {
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a' }));
    await ssh.exec('a', 'true', soon);
    await ssh.close();
    await expect(ssh.exec('a', 'true', soon)).rejects.toMatchObject({ code: 'shutting_down' });
  });

  test('is not touched by a connection test', async () => {
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a' }));
    const result = await ssh.test(sshd.target({ serverId: 'a' }), soon);
    expect(result.hostKey).toEqual(sshd.hostKeys.ed25519);
    expect(result.latencyMs).toBeGreaterThan(0);
    expect(ssh.state('a')).toBe('idle');
  });

  test('to a server that gains a host key of another type is not reported as changed', async () => {
    const { ssh, targets } = sshFor({}, sshd.target({ serverId: 'a', hostKey: sshd.hostKeys.rsa }));
    await ssh.exec('a', 'true', soon);
    expect([targets.pinned, targets.refused]).toEqual([[], []]);
  });

  test('with a refused key names the user', async () => {
    const { ssh } = sshFor({}, sshd.target({ serverId: 'a', username: 'no-such-user' }));
    await expect(ssh.exec('a', 'true', soon)).rejects.toMatchObject({
      code: 'ssh_auth',
      message: expect.stringContaining('The key was refused for the user "no-such-user"'),
    });
  });

  describe('through a jump host', () => {
    const jump = () => sshd.target({ serverId: 'jump' });
    const behind = (changes?: Partial<SshTarget>) =>
      sshd.target({ serverId: 'behind', jump: jump(), ...changes });

    test('commands work, and 20 servers share the one connection to it', async () => {
      const proxy = await gate();
      const first = sshd.target({ serverId: 'jump', port: proxy.port });
      const ids = Array.from({ length: 20 }, (_, n) => `behind-${n}`);
      const { ssh } = sshFor({}, first, ...ids.map((serverId) => behind({ serverId, jump: first })));
      const results = await Promise.all(ids.map((id) => ssh.exec(id, `echo ${id}`, { deadlineMs: 10_000 })));
      expect(results.map(({ stdout }) => stdout.trim())).toEqual(ids);
      expect(proxy.accepted()).toBe(1);
      proxy.cut();
      expect((await ssh.exec('behind-3', 'echo again', soon)).stdout).toBe('again\n');
    });

    test('a failing jump server is reported as such, without its address and not as a failure of the server behind it', async () => {
      const proxy = await gate();
      await proxy.shut();
      const first = sshd.target({ serverId: 'jump', port: proxy.port });
      const { ssh } = sshFor(fast, first, behind({ jump: first }));
      const error = await ssh.exec('behind', 'true', soon).catch((caught: unknown) => caught);
      expect(failureOf(error)).toMatchObject({
        kind: 'jump',
        message: 'The connection to the jump server was refused.',
      });
      expect(JSON.stringify(error)).not.toContain(String(proxy.port));
      expect(ssh.state('behind')).toBe('idle');
    });

    test('a server that the jump server cannot reach is named', async () => {
      const proxy = await gate();
      const closed = proxy.port;
      await proxy.shut();
      const { ssh } = sshFor(fast, jump(), behind({ port: closed }));
      const error = await ssh.exec('behind', 'true', soon).catch((caught: unknown) => caught);
      expect(failureOf(error)).toMatchObject({
        kind: 'jump',
        message: expect.stringContaining(`works, but it cannot connect to 127.0.0.1:${closed}`),
      });
    });

    test('a second hop is refused', async () => {
      const { ssh } = sshFor({}, jump(), behind({ jump: { ...jump(), jump: jump() } }));
      const error = await ssh.exec('behind', 'true', soon).catch((caught: unknown) => caught);
      expect(failureOf(error).kind).toBe('jump');
    });

    test('test and scan go through it as well', async () => {
      const { ssh } = sshFor({}, jump(), behind());
      expect((await ssh.test(behind(), soon)).hostKey).toEqual(sshd.hostKeys.ed25519);
      expect(await ssh.scanHostKey(behind(), soon)).toEqual(sshd.hostKeys.ed25519);
    });
  });
});
