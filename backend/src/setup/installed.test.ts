// What counts as installed by a setup, and beside what it installs nothing: the real script in this machine's /bin/sh.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runInLocalShell } from '../openclaw/testing/local-shell.ts';
import { readInstalled, refuseBesideAnother } from './installed.ts';

describe('what is installed', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-installed-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function program(file: string, text: string): void {
    mkdirSync(path.join(home, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(home, file), text);
    chmodSync(path.join(home, file), 0o755);
  }
  const read = () =>
    readInstalled(
      {
        script: async (_serverId, script, args) =>
          runInLocalShell(script, args, {
            env: { HOME: home, PATH: `${home}/bin:/usr/bin:/bin`, SHELL: '/bin/sh' },
          }),
      },
      's1',
      { deadlineMs: 10_000 },
    );

  test('is nothing on a bare server', async () => {
    expect(await read()).toMatchObject({ node: null, openclaw: null, elsewhere: null, config: null });
  });

  test('is OpenClaw once its package is whole', async () => {
    program('.local/openclaw/bin/openclaw', '#!/bin/sh\n');
    expect(await read()).toMatchObject({ openclaw: null, elsewhere: null });
    program(
      '.local/openclaw/lib/node_modules/openclaw/package.json',
      '{\n  "name": "openclaw",\n  "version": "2026.9.6"\n}\n',
    );
    expect(await read()).toMatchObject({ openclaw: '2026.9.6', elsewhere: null });
  });

  test('is nothing that a pipe in the place of its package would hold up', async () => {
    program('.local/openclaw/bin/openclaw', '#!/bin/sh\n');
    const folder = path.join(home, '.local/openclaw/lib/node_modules/openclaw');
    mkdirSync(folder, { recursive: true });
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', path.join(folder, 'package.json')]);
    expect(await read()).toMatchObject({ openclaw: null });
  });

  test('is no second OpenClaw beside one that somebody else has installed', async () => {
    program('.npm-global/bin/openclaw', '#!/bin/sh\n');
    const installed = await read();
    expect(installed).toMatchObject({
      openclaw: null,
      elsewhere: path.join(home, '.npm-global/bin/openclaw'),
    });
    expect(() => refuseBesideAnother(installed)).toThrow('OpenClaw is installed already');
  });

  test.each([
    ['this account', '$(id -un)', true],
    ['root', '', process.getuid?.() === 0],
    ['another account', 'claw', false],
  ])(
    'has two enabled services where the system one is of this account: it is of %s',
    async (_whose, account, isEnabledTwice) => {
      program(
        'bin/systemctl',
        `#!/bin/sh\ncase $* in *is-enabled*) echo enabled ;; *'-p User'*) echo "User=${account}" ;; esac\n`,
      );
      expect(await read()).toMatchObject({ isEnabledTwice });
      program(
        'bin/systemctl',
        '#!/bin/sh\ncase $* in *--user*is-enabled*) echo enabled ;; *) echo disabled ;; esac\n',
      );
      expect(await read()).toMatchObject({ isEnabledTwice: false });
    },
  );

  test('is told in a short sentence, however long a path the server makes up', () => {
    const elsewhere = `/home/${'x'.repeat(4_000)}`;
    expect(() => refuseBesideAnother({ openclaw: null, elsewhere })).toThrow(
      /^OpenClaw is installed already, as \/home\/x{114}…\.$/,
    );
  });
});
