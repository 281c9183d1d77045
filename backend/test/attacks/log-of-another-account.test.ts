// Another account of a managed server owns the folder of OpenClaw's logs, to have the login read what only the login may read.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { journalScript } from '../../src/openclaw/host/scripts.ts';
import { runInLocalShell } from '../../src/openclaw/testing/local-shell.ts';

const NOBODY = 65_534;
const line = (message: string) => `${JSON.stringify({ time: '2026-11-25T01:15:20.206+00:00', message })}\n`;

describe.skipIf(process.getuid?.() !== 0)('log of a gateway without a journal', () => {
  let base: string;
  let folder: string;
  let log: string;
  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'buoy-logs-'));
    folder = path.join(base, 'openclaw');
    mkdirSync(folder);
    log = path.join(folder, 'openclaw-2026-11-25.log');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const read = () =>
    runInLocalShell(
      journalScript.replaceAll('/tmp/openclaw', path.join(base, 'openclaw')),
      ['none', '', '10', ''],
      { env: { PATH: '/usr/bin:/bin', HOME: base } },
    ).stdout;

  test('is read from the folder of the login', () => {
    writeFileSync(log, line('started'));
    expect(read()).toBe(`from=file\n${line('started')}`);
  });

  test('is not what another account has written in its name', () => {
    writeFileSync(log, line('forged'));
    chownSync(folder, NOBODY, NOBODY);
    expect(read()).toBe('from=none\n');
  });

  test('is no file of the login that a link of another account leads to', () => {
    const secret = path.join(base, 'secret');
    writeFileSync(secret, line('only for root'), { mode: 0o600 });
    symlinkSync(secret, log);
    chownSync(folder, NOBODY, NOBODY);
    expect(read()).toBe('from=none\n');
  });

  test('is no pipe that never ends, and no link, also in the folder of the login', () => {
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', log]);
    symlinkSync('/dev/zero', path.join(folder, 'openclaw-2099-01-01.log'));
    expect(read()).toBe('from=none\n');
  });
});
