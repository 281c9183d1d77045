// A shell in a terminal of a real server.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until as untilSo } from '../../../testbed/until.ts';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import type { Shell } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, noTerminals, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };
const size = { columns: 80, rows: 24 };

describe.skipIf(noTerminals !== null)(`a shell${noTerminals === null ? '' : ` (${noTerminals})`}`, () => {
  let sshd: LoopbackSshd;
  let ssh: ReturnType<typeof createSsh>;
  let id: string;

  beforeAll(async () => {
    sshd = await startLoopbackSshd({ config: ['AcceptEnv LANG'] });
    id = sshd.target().serverId;
    ssh = createSsh({
      targets: createMemoryTargets(sshd.target()),
      clock: systemClock,
      logger: createKeptLogger().logger,
      limits: { shells: 1, lingerMs: 300, closeGraceMs: 300 },
    });
  });
  afterAll(async () => {
    await ssh?.close();
    await sshd?.stop();
  });

  /** The shell with everything that it has shown. */
  async function open() {
    const shell: Shell = await ssh.shell(id, size, soon);
    let shown = '';
    shell.stream.on('data', (chunk: Buffer) => {
      shown += String(chunk);
    });
    return {
      shell,
      closed: new Promise((resolve) => shell.stream.once('close', resolve)),
      shown: () => shown,
      until: (text: string) => until(() => shown.includes(text), `it shows ${text}`),
    };
  }

  test('has the requested terminal size, follows a new one, and reports how it ended', async () => {
    const { shell, closed, until: shows } = await open();
    shell.stream.write('echo "$TERM:$LANG:$(stty size)"\r');
    await shows('xterm-256color:C.UTF-8:24 80');
    shell.resize({ columns: 120, rows: 40 });
    shell.stream.write('stty size\r');
    await shows('40 120');
    shell.stream.write('exit 7\r');
    await closed;
    expect(shell.exit()).toEqual({ exitCode: 7, signal: null });
  });

  test('erases a letter of two bytes as one', async () => {
    const { shell, closed, until: shows } = await open();
    shell.stream.write('stty -a\r');
    await shows(' iutf8');
    shell.stream.end('exit\r');
    await closed;
  });

  test('that is not read pauses its program, and continues where it was', async () => {
    const shell = await ssh.shell(id, size, soon);
    shell.stream.write('seq 1 2000000; echo all said\r');
    await until(() => shell.stream.readableLength > 0, 'something waits');
    expect(shell.stream.readableLength).toBeLessThan(1_000_000);
    let tail = '';
    shell.stream.on('data', (chunk: Buffer) => {
      tail = (tail + String(chunk)).slice(-200);
    });
    await until(() => tail.includes('2000000') && tail.includes('all said\r'), 'all has come', 20_000);
    shell.stream.destroy();
  });

  test('that its caller destroys ends on the server and frees its place', async () => {
    const { shell, until: shows } = await open();
    shell.stream.write('echo $((40 + 2)) ready; exec sleep 4321\r');
    await shows('42 ready');
    shell.stream.destroy();
    await untilSo(5_000, async () => {
      const { stdout } = await ssh.exec(id, 'pgrep -xf "sleep 4321" || echo none', soon);
      return stdout === 'none\n';
    });
    const next = await open();
    next.shell.stream.destroy();
    await next.closed;
  });

  test('that exits while another process keeps its terminal open still ends', async () => {
    const { shell, closed } = await open();
    shell.stream.write('(trap "" HUP; sleep 30) &\rexit 3\r');
    await closed;
    expect(shell.exit()).toEqual({ exitCode: 3, signal: null });
  });

  test('does not wait for a place longer than its deadline', async () => {
    const { shell, closed } = await open();
    await expect(ssh.shell(id, size, { deadlineMs: 100 })).rejects.toMatchObject({ code: 'deadline' });
    shell.stream.destroy();
    await closed;
  });

  test('ends with an error when the connection is lost', async () => {
    const { shell, closed } = await open();
    const streamError = once(shell.stream, 'error');
    ssh.reset(id);
    expect((await streamError)[0]).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('lost'),
    });
    await closed;
  });
});

describe.skipIf(noSshd !== null)('a server that allows no terminal', () => {
  test('is reported as such, with the setting that allows it', async () => {
    const sshd = await startLoopbackSshd({ config: ['PermitTTY no'] });
    const ssh = createSsh({
      targets: createMemoryTargets(sshd.target()),
      clock: systemClock,
      logger: createKeptLogger().logger,
    });
    try {
      await expect(ssh.shell(sshd.target().serverId, size, soon)).rejects.toMatchObject({
        code: 'refused',
        message: 'The server does not allow this account to open a terminal.',
        hint: expect.stringContaining('PermitTTY'),
      });
    } finally {
      await ssh.close();
      await sshd.stop();
    }
  });
});
