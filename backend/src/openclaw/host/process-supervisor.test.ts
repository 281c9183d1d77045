// Under which account a login runs programs that others can replace: the real script in this machine's /bin/sh.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliScript, inspectScript } from './scripts.ts';

const NOBODY = 65_534;
/** The number of a login that has no name. */
const LOGIN = 54_321;

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
    await symlink('../bin', path.join(away, 'version'));
    await symlink('service/version', path.join(folder, 'chosen'));
    const slashed = path.join(folder, 'slashed');
    await symlink('chosen//', slashed);
    expect(run(path.join(slashed, 'openclaw'))).toBe(String(NOBODY));
  });

  test('runs nothing else from the folder of such a program as root', async () => {
    await writeFile(command, '#!/bin/sh\n/usr/bin/id -u\n');
    const byRoot = path.join(folder, 'by-root');
    for (const name of ['cut', 'dirname', 'env', 'getent', 'id', 'runuser', 'stat', 'su', 'timeout']) {
      const posing = path.join(folder, 'bin', name);
      await writeFile(posing, `#!/bin/sh\necho ${name} >>${byRoot}\n`, { mode: 0o755 });
    }
    await chown(path.join(folder, 'bin'), NOBODY, NOBODY);
    expect(run()).toBe(String(NOBODY));
    expect(existsSync(byRoot)).toBe(false);
    await symlink('.', path.join(folder, '.npm-global'));
    execFileSync('/bin/sh', ['-s', 'all'], {
      input: inspectScript,
      env: { HOME: folder, PATH: '/usr/bin:/bin' },
    });
    expect(existsSync(byRoot)).toBe(false);
  });

  test('asks for the version as the service account where the Node beside the command is one of that account', async () => {
    const seen = path.join(folder, 'seen');
    await mkdir(seen);
    await chmod(seen, 0o777);
    await mkdir(path.join(folder, 'service'));
    await writeFile(command, '#!/usr/bin/env node\n');
    const node = path.join(folder, 'service/node');
    await writeFile(node, `#!/bin/sh\nid -u >${seen}/account\n`, { mode: 0o755 });
    await chown(node, NOBODY, NOBODY);
    await symlink('../service/node', path.join(folder, 'bin/node'));
    await symlink('.', path.join(folder, '.npm-global'));
    execFileSync('/bin/sh', ['-s', 'all'], {
      input: inspectScript,
      env: { HOME: folder, PATH: '/usr/bin:/bin' },
    });
    expect(await readFile(path.join(seen, 'account'), 'utf8')).toBe(`${NOBODY}\n`);
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

describe.skipIf(process.getuid?.() !== 0)('a login without root', () => {
  let folder: string;
  let command: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'buoy-keeper-'));
    for (const name of ['', 'bin', 'tools']) {
      await mkdir(path.join(folder, name), { recursive: true });
      await chmod(path.join(folder, name), 0o755);
    }
    command = path.join(folder, 'bin/openclaw');
    await writeFile(command, '#!/bin/sh\nid -u\n');
    await chmod(command, 0o755);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = () =>
    execFileSync('/bin/sh', ['-s', command, command, 'status'], {
      input: cliScript,
      encoding: 'utf8',
      uid: LOGIN,
      gid: LOGIN,
      cwd: '/',
      env: { HOME: '/', PATH: `${folder}/tools:/usr/bin:/bin` },
    }).trim();

  test('runs a program of its own or of root', async () => {
    expect(run()).toBe(String(LOGIN));
    await chown(path.join(folder, 'bin'), LOGIN, LOGIN);
    await chown(command, LOGIN, LOGIN);
    expect(run()).toBe(String(LOGIN));
  });

  test('does not run a program that the service account can replace when it has no sudo', async () => {
    await writeFile(path.join(folder, 'tools/sudo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await chown(command, NOBODY, NOBODY);
    expect(run).toThrow(expect.objectContaining({ stdout: expect.stringContaining('Other accounts can') }));
  });

  test('runs a program that the service account can replace as that account by sudo, away from the port of the gateway', async () => {
    const words = `#!/bin/sh\nprintf '%s ' "$@"\n`;
    await writeFile(path.join(folder, 'tools/sudo'), words, { mode: 0o755 });
    await chown(command, NOBODY, NOBODY);
    expect(run()).toMatch(
      /^-n -u nobody -- timeout 35 env HOME=\S+ PATH=\S+ NODE_DISABLE_COMPILE_CACHE=1 OPENCLAW_GATEWAY_PORT=1 \S+\/bin\/openclaw --no-color status$/,
    );
  });
});
