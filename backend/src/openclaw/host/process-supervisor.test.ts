// Under which account a root login runs programs that others can replace: the real script in this machine's /bin/sh.
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliScript } from './scripts.ts';

const NOBODY = 65_534;

describe.skipIf(process.getuid?.() !== 0)('a login as root', () => {
  let folder: string;
  let command: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'buoy-keeper-'));
    await chmod(folder, 0o755);
    await mkdir(path.join(folder, 'bin'), { mode: 0o755 });
    command = path.join(folder, 'bin/openclaw');
    await writeFile(command, '#!/bin/sh\nid -u\n');
    await chmod(command, 0o755);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (file = command) =>
    execFileSync('/bin/sh', ['-s', file, file, 'status'], { input: cliScript, encoding: 'utf8' }).trim();

  test('runs with its own rights a program that only root can replace', () => {
    expect(run()).toBe('0');
  });

  test('runs as the service account a program that this account can replace', async () => {
    await chown(command, NOBODY, NOBODY);
    expect(run()).toBe(String(NOBODY));
  });

  test('runs as the service account a program in a folder of that account, also behind a link owned by root', async () => {
    await chown(path.join(folder, 'bin'), NOBODY, NOBODY);
    expect(run()).toBe(String(NOBODY));
    const link = path.join(folder, 'link');
    await symlink(command, link);
    expect(run(link)).toBe(String(NOBODY));
  });

  test('runs as the service account a program behind a link of that account, although the link points to one of root', async () => {
    const away = path.join(folder, 'service');
    await mkdir(away, { mode: 0o755 });
    await symlink(command, path.join(away, 'openclaw'));
    await chown(away, NOBODY, NOBODY);
    const link = path.join(folder, 'link');
    await symlink('service/openclaw', link);
    expect(run(link)).toBe(String(NOBODY));
    const current = path.join(folder, 'current');
    await symlink('service', current);
    expect(run(path.join(current, 'openclaw'))).toBe(String(NOBODY));
  });

  test('does not run a program behind links that lead in a circle', async () => {
    await symlink('second', path.join(folder, 'first'));
    await symlink('first', path.join(folder, 'second'));
    expect(() => run(path.join(folder, 'first/openclaw'))).toThrow();
  });

  test('does not run a program that everyone, or more than one account, can replace', async () => {
    await chmod(path.join(folder, 'bin'), 0o777);
    expect(() => run()).toThrow();
    await chmod(path.join(folder, 'bin'), 0o755);
    await chown(path.join(folder, 'bin'), 12_345, 12_345);
    await chown(command, NOBODY, NOBODY);
    expect(() => run()).toThrow();
  });
});
