// Runs the commands of docs/first-server.md with the bundled command line: a real Buoy and a real sshd.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type LoopbackSshd,
  noAccounts,
  startLoopbackSshd,
} from '../../backend/src/ssh/testing/loopback-sshd.ts';
import { codeBlocks } from '../../backend/test/support/doc-page.ts';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';

const missing = noAccounts ?? (existsSync('/usr/bin/jq') ? null : 'jq is not installed');
const PAGE_MS = 240_000;

describe.skipIf(missing !== null)(
  `docs/first-server.md${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    let home: string;
    let sshd: LoopbackSshd;
    let buoy: BuoyProcess;
    let bundle: Bundle;

    beforeAll(async () => {
      home = mkdtempSync(path.join(tmpdir(), 'buoy-first-'));
      mkdirSync(path.join(home, '.ssh'), { mode: 0o700 });
      [sshd, buoy, bundle] = await Promise.all([
        startLoopbackSshd(),
        startBuoy({ DATA_DIR: path.join(home, 'data') }),
        buildBundle(),
      ]);
    });
    afterAll(async () => {
      await buoy?.stop();
      await sshd?.stop();
      bundle?.remove();
      rmSync(home, { recursive: true, force: true });
    });

    test('its commands lead from a new key to an acknowledged alert', { timeout: PAGE_MS }, async () => {
      const authorizedKeys = path.join(sshd.home, '../authorized_keys');
      const typed = codeBlocks('docs/first-server.md', 'sh')
        .join('\n')
        .replaceAll('deploy@web.example.org:1 ', `${sshd.username}@127.0.0.1:1 `)
        .replaceAll('deploy@web.example.org', `${sshd.username}@127.0.0.1:${sshd.port}`);
      const script = [
        'set -euo pipefail',
        `buoy() { '${process.execPath}' '${bundle.file}' "$@"; }`,
        // The account has no password for ssh-copy-id.
        `ssh-copy-id() { cat "$2" >> '${authorizedKeys}'; }`,
        typed,
      ].join('\n');
      const { code, stdout, stderr } = await runCommand('bash', ['-c', script], {
        timeoutMs: PAGE_MS,
        env: {
          PATH: process.env.PATH,
          HOME: home,
          BUOY_URL: buoy.url,
          BUOY_TOKEN: await signInByLink(buoy),
        },
      });
      expect(stderr).toContain(sshd.hostKeys.ed25519.fingerprint);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^Linux /m);
      expect(stdout).toContain('as expected');
      expect(stdout).toMatch(/refused/);
      expect(stdout).toMatch(/22:00/);
    });
  },
);
