// How a login as root gives up its rights on a system without runuser, such as Alpine: the real scripts in this machine's /bin/sh.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asGatewayScript, cliScript } from './scripts.ts';

const NOBODY = 65_534;

describe.skipIf(process.getuid?.() !== 0)('a login as root without runuser', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-su-'));
    chmodSync(folder, 0o755);
    file = path.join(folder, 'openclaw');
    writeFileSync(file, '#!/bin/sh\necho "$(id -u) $*"\n', { mode: 0o755 });
    chownSync(file, NOBODY, NOBODY);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(script: string, ...words: string[]): string {
    expect(script).toContain('command -v runuser');
    const input = script.replace('command -v runuser', 'command -v runuser-is-absent');
    return execFileSync('/bin/sh', ['-s', ...words], { input, encoding: 'utf8' }).trim();
  }

  test('runs a command of the service account as that account, its options included', () => {
    expect(run(cliScript, file, file, 'status', '--json')).toBe(`${NOBODY} --no-color status --json`);
  });

  test('runs a script as the account of the gateway, with its arguments', () => {
    expect(run(asGatewayScript, file, '1', '', '', '', 'echo "$(id -u) $*"', 'one', '-c')).toBe(
      `${NOBODY} one -c`,
    );
  });
});
