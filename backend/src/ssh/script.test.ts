// Scripts under different login shells of a real server.
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createSsh } from './create-ssh.ts';
import { failureOf } from './failures.ts';
import type { Ssh } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noAccounts, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };
const shells = ['/bin/sh', '/bin/bash', '/bin/dash', '/usr/bin/fish', '/usr/bin/tcsh', '/bin/zsh'].filter(
  (shell) => existsSync(shell),
);

async function withShell(
  shell: string,
  work: (ssh: Ssh, id: string, sshd: LoopbackSshd) => Promise<void>,
  config: string[] = [],
): Promise<void> {
  const sshd = await startLoopbackSshd({ shell, config });
  const targets = createMemoryTargets(sshd.target());
  const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
  try {
    await work(ssh, sshd.target().serverId, sshd);
  } finally {
    await ssh.close();
    await sshd.stop();
  }
}

describe.skipIf(noAccounts !== null)(`scripts${noAccounts === null ? '' : ` (${noAccounts})`}`, () => {
  test.each(shells)('with the login shell %s a script gets its arguments unchanged', async (shell) => {
    await withShell(shell, async (ssh, id) => {
      const args = ["it's", '$HOME', 'a\\\\b\\', '-n', '!!', 'two\nlines', '', '*', 'größe 🚀'];
      const result = await ssh.script(id, 'for word do printf "%s|" "$word"; done; exit 5', args, soon);
      expect(result).toMatchObject({
        exitCode: 5,
        stdout: args.map((arg) => `${arg}|`).join(''),
        stderr: '',
      });
    });
  });

  test('what the login shell prints by itself is not part of the output', async () => {
    await withShell('/bin/bash', async (ssh, id, { home }) => {
      writeFileSync(join(home, '.bashrc'), 'echo Welcome\necho warning >&2\n');
      expect(await ssh.script(id, 'echo out; echo err >&2', [], soon)).toMatchObject({
        stdout: 'out\n',
        stderr: 'err\n',
      });
      expect(await ssh.script(id, 'printf 12345678', [], { ...soon, maxOutputBytes: 5 })).toMatchObject({
        stdout: '12345',
        truncated: true,
      });
    });
  });

  test('a program in a script that reads standard input does not eat the rest of the script', async () => {
    await withShell('/bin/sh', async (ssh, id) => {
      const result = await ssh.script(id, '#!/bin/sh\nset -eu\ncat\necho after # a comment', [], soon);
      expect(result).toMatchObject({ exitCode: 0, stdout: 'after\n' });
    });
  });

  test('neither script nor arguments show in the process list', async () => {
    await withShell('/bin/sh', async (ssh, id) => {
      // Of this run alone: other programs of the machine are in the list, too.
      const word = randomUUID();
      const listing = `ps -eo args | grep -c "[${word[0]}]${word.slice(1)}" || true`;
      const { stdout } = await ssh.script(id, `: ${word}; ${listing}`, [word], soon);
      expect(stdout.trim()).toBe('0');
    });
  });

  test('a syntax error and an empty script end as in a shell', async () => {
    await withShell('/bin/sh', async (ssh, id) => {
      const broken = await ssh.script(id, 'echo started; if', [], soon);
      expect(broken.exitCode).toBe(2);
      expect(broken.stdout).toBe('');
      expect(broken.stderr).toMatch(/syntax/i);
      expect(await ssh.script(id, '', [], soon)).toMatchObject({ exitCode: 0, stdout: '' });
    });
  });

  test('a nologin account fails with the kind shell and the message of the server', async () => {
    await withShell('/usr/sbin/nologin', async (ssh, id) => {
      const error = await ssh.script(id, 'echo hi', [], soon).catch((caught: unknown) => caught);
      expect(failureOf(error).kind).toBe('shell');
      expect(error).toMatchObject({
        code: 'refused',
        details: { serverSays: expect.stringContaining('not available'), exitCode: 1 },
      });
    });
  });

  test('a forced command fails with the kind shell', async () => {
    await withShell(
      '/bin/sh',
      async (ssh, id) => {
        const error = await ssh.script(id, 'echo hi', [], soon).catch((caught: unknown) => caught);
        expect(failureOf(error).kind).toBe('shell');
      },
      ['ForceCommand echo only this'],
    );
  });
});
