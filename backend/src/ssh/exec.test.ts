// Commands and scripts on a real OpenSSH server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import type { Ssh } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };

describe.skipIf(noSshd !== null)(`commands on a real server${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  let sshd: LoopbackSshd;
  let ssh: Ssh;
  let id: string;

  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    id = sshd.target().serverId;
    ssh = createSsh({
      targets: createMemoryTargets(sshd.target()),
      clock: systemClock,
      logger: createKeptLogger().logger,
      limits: { lingerMs: 300 },
    });
    await ssh.exec(id, 'true', soon);
  });
  afterAll(async () => {
    await ssh?.close();
    await sshd?.stop();
  });

  test('half of 100 commands, one after the other, take less than 40 ms each (90 ms without noDelay)', async () => {
    const tookMs: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const startedAt = performance.now();
      await ssh.exec(id, 'true', soon);
      tookMs.push(performance.now() - startedAt);
    }
    expect(tookMs.toSorted((one, other) => one - other)[50]).toBeLessThan(40);
  });

  test('output, exit code and standard input come through', async () => {
    const result = await ssh.exec(id, 'cat; echo oops >&2; exit 7', { ...soon, stdin: 'größe 🚀\n' });
    expect(result).toMatchObject({
      exitCode: 7,
      signal: null,
      stdout: 'größe 🚀\n',
      stderr: 'oops\n',
      truncated: false,
    });
  });

  test('a command that reads standard input without being given any finds it empty', async () => {
    expect((await ssh.exec(id, 'wc -c', soon)).stdout.trim()).toBe('0');
  });

  test('2 MB of input reach the command', async () => {
    const { stdout } = await ssh.exec(id, 'wc -c', { ...soon, stdin: Buffer.alloc(2_000_000, 120) });
    expect(stdout.trim()).toBe('2000000');
  });

  test('the signal that ended a command is reported', async () => {
    expect(await ssh.exec(id, 'kill -TERM $$', soon)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('a command that SSH cannot carry is an invalid request, and the connection stays open', async () => {
    await expect(ssh.exec(id, 'echo a\0b', soon)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(ssh.exec(id, 'x'.repeat(300_000), soon)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(ssh.state(id)).toBe('connected');
  });

  test('output beyond the limit is dropped, and a character is not cut in half', async () => {
    const result = await ssh.exec(id, 'printf ééééé; exit 3', { ...soon, maxOutputBytes: 5 });
    expect(result).toMatchObject({ stdout: 'éé', truncated: true, exitCode: 3 });
  });

  test('a command that prints without end is cut off, and memory stays small', async () => {
    const before = process.memoryUsage().rss;
    const result = await ssh.exec(id, 'cat /dev/zero', { deadlineMs: 20_000, maxOutputBytes: 1000 });
    expect(result).toMatchObject({ exitCode: null, signal: null, truncated: true });
    expect(result.stdout).toHaveLength(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect((await ssh.exec(id, 'echo alive', soon)).stdout).toBe('alive\n');
  });

  test('a command that leaves a child behind ends with its own exit, and the child lives on', async () => {
    const result = await ssh.exec(id, '(sleep 1; echo child > left-behind) & echo done', soon);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    expect(result.durationMs).toBeLessThan(900);
    const seen = await ssh.exec(id, 'for i in $(seq 40); do cat left-behind && break; sleep 0.1; done', soon);
    expect(seen.stdout).toBe('child\n');
  });

  test('a deadline ends the wait, and kills the command on the server', async () => {
    await expect(ssh.exec(id, 'echo $$ > pid; exec sleep 1000', { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'deadline',
    });
    const after = await ssh.exec(
      id,
      'for i in $(seq 40); do kill -0 $(cat pid) || break; sleep 0.1; done; kill -0 $(cat pid)',
      soon,
    );
    expect(after.exitCode).not.toBe(0);
  });

  test('a cancelled command is killed, too', async () => {
    const stop = new AbortController();
    const running = ssh.exec(id, 'echo $$ > pid2; exec sleep 1000', { ...soon, signal: stop.signal });
    await ssh.exec(id, 'until [ -s pid2 ]; do sleep 0.05; done', soon);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    const after = await ssh.exec(
      id,
      'for i in $(seq 40); do kill -0 $(cat pid2) || break; sleep 0.1; done; kill -0 $(cat pid2)',
      soon,
    );
    expect(after.exitCode).not.toBe(0);
  });

  test('cancelled before it began, a command does not run', async () => {
    const signal = AbortSignal.abort();
    await expect(ssh.exec(id, 'touch never', { ...soon, signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect((await ssh.exec(id, 'ls never', soon)).exitCode).not.toBe(0);
  });

  test('of 30 commands at once 8 run, the others wait their turn, all answer', async () => {
    await ssh.exec(id, 'rm -f running.*', soon);
    const command = 'touch running.$$; ls running.* | wc -l; sleep 0.1; rm running.$$';
    const results = await Promise.all(Array.from({ length: 30 }, () => ssh.exec(id, command, soon)));
    const most = Math.max(...results.map(({ stdout }) => Number(stdout)));
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(8);
  });

  test('time in the queue counts: a call behind 8 long ones ends at its deadline', async () => {
    const stop = new AbortController();
    const long = Array.from({ length: 8 }, () =>
      ssh.exec(id, 'sleep 30', { deadlineMs: 60_000, signal: stop.signal }),
    );
    await expect(ssh.exec(id, 'true', { deadlineMs: 200 })).rejects.toMatchObject({ code: 'deadline' });
    stop.abort();
    await Promise.allSettled(long);
    expect((await ssh.exec(id, 'echo free', soon)).stdout).toBe('free\n');
  });

  test('the call beyond 8 running and 64 waiting is refused at once', async () => {
    const stop = new AbortController();
    const calls = Array.from({ length: 72 }, () =>
      ssh.exec(id, 'sleep 30', { deadlineMs: 60_000, signal: stop.signal }),
    );
    await expect(ssh.exec(id, 'true', soon)).rejects.toMatchObject({ code: 'queue_full' });
    stop.abort();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
  });

  test('a server that allows 2 sessions at once still answers 10 commands at once', async () => {
    const narrow = await startLoopbackSshd({ config: ['MaxSessions 2'] });
    const one = createSsh({
      targets: createMemoryTargets(narrow.target()),
      clock: systemClock,
      logger: createKeptLogger().logger,
    });
    try {
      const run = (n: number) => one.exec(narrow.target().serverId, `sleep 0.05; echo ${n}`, soon);
      const results = await Promise.all(Array.from({ length: 10 }, (_, n) => run(n)));
      expect(results.map(({ stdout }) => Number(stdout))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    } finally {
      await one.close();
      await narrow.stop();
    }
  });

  test('listeners are notified when the connection goes up or down', async () => {
    const seen: string[] = [];
    const stop = ssh.onStateChange((serverId, state) => seen.push(`${serverId} ${state}`));
    ssh.reset(id);
    expect(ssh.state(id)).toBe('idle');
    await ssh.exec(id, 'true', soon);
    await until(() => seen.length === 2, 'two changes');
    expect(seen).toEqual([`${id} idle`, `${id} connected`]);
    stop();
  });
});
