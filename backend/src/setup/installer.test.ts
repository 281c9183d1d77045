// What the scripts that install download from a mirror that never ends: in a shell of this machine, with programs in the place of curl and wget.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runInLocalShell } from '../openclaw/testing/local-shell.ts';

const BLOCKS = 2_097_152;
const text = readFileSync(new URL('installer.sh', import.meta.url), 'utf8');

/** Ends as the real program does that cannot write: curl with a code of its own, wget behind a pipe whose end tells nothing. */
const programs = {
  curl: `while [ "$1" != -o ]; do shift; done\nhead -c $BYTES /dev/zero >"$2" || exit 23\nprintf 200\n`,
  wget: `while [ "$1" != -O ]; do shift; done\necho '  HTTP/1.1 200 OK' >&2\nhead -c $BYTES /dev/zero >"$2"\n`,
};

describe.each(['curl', 'wget'] as const)('a download by %s', (program) => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-installer-'));
    mkdirSync(path.join(home, '.local/openclaw/bin'), { recursive: true });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const sizeOf = () => statSync(path.join(home, 'download')).size;
  /** With `blocks` in place of the bound of a real download, and `bytes` that the mirror sends. */
  function download(blocks: number, bytes: number) {
    const file = path.join(home, '.local/openclaw/bin', program);
    writeFileSync(file, `#!/bin/sh\nBYTES=${bytes}\n${programs[program]}`);
    chmodSync(file, 0o755);
    const lines = text
      .replace(`max_blocks=${BLOCKS}`, `max_blocks=${blocks}`)
      .replace('command -v curl', program === 'curl' ? 'true' : 'false');
    return runInLocalShell(`${lines}\ndownload https://mirror.example/x "$HOME/download"\n`, [], {
      env: { HOME: home, PATH: '/usr/bin:/bin' },
    });
  }

  test('that never ends is ended at the bound, and does not fill the disk of the server', () => {
    const { exitCode, stderr } = download(200, 10_000_000);
    expect(exitCode).toBe(21);
    expect(stderr).toContain('https://mirror.example/x is longer than any real download, so it was ended.');
    // Of 512 bytes each, or twice as many in some shells.
    expect(sizeOf()).toBeLessThanOrEqual(200 * 1_024);
  });

  test('within the bound is whole', () => {
    const { exitCode, stderr } = download(BLOCKS, 1_000_000);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(sizeOf()).toBe(1_000_000);
  });
});

test.each([
  ["curl: (5) Unsupported proxy syntax in 'http://ada:hunt/er2@proxy:3128'", 'curl: (5)'],
  ["curl: (5) Unsupported proxy syntax in 'ada:hunt/er2@proxy:3128'", 'curl: (5)'],
  ['curl: (22) The requested URL returned error: 404', 'curl: (22) The requested URL returned error: 404'],
  ['Warning: the proxy is http://ada:hunt/er2@proxy', ''],
])('a download that fails tells why, without the password of a proxy: %s', (told, shown) => {
  const home = mkdtempSync(path.join(tmpdir(), 'buoy-installer-'));
  const file = path.join(home, '.local/openclaw/bin/curl');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\ncat >&2 <<'TOLD'\n${told}\nTOLD\nexit 5\n`, { mode: 0o755 });
  const { stderr } = runInLocalShell(`${text}\ndownload https://mirror.example/x "$HOME/download"\n`, [], {
    env: { HOME: home, PATH: '/usr/bin:/bin' },
  });
  rmSync(home, { recursive: true, force: true });
  expect(stderr.trim().split('\n')).toEqual([
    ...(shown === '' ? [] : [shown]),
    'Could not download https://mirror.example/x (HTTP ).',
  ]);
});
