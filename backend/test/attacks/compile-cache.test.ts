// Node runs what stands in a cache of compiled code, without a look at its owner. npm and OpenClaw name one below /tmp, which any account of a
// managed server may have made before.
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cliScript, dryRunScript } from '../../src/openclaw/host/scripts.ts';
import { withVariables } from '../../src/setup/install-step.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';

const NOBODY = 65_534;
const load = (name: string) => readFileSync(new URL(`../../src/setup/${name}`, import.meta.url), 'utf8');

/** Begins as npm 11 and OpenClaw 2026.9.6 do, and writes down what came of it. */
const PROGRAM = `#!${process.execPath}
const { constants, enableCompileCache } = require('node:module');
const { status } = enableCompileCache();
const name = Object.entries(constants.compileCacheStatus).find(([, value]) => value === status)[0];
require('node:fs').appendFileSync(__dirname + '/../caches', require('node:path').basename(__filename) + ' ' + name + '\\n');
console.log('OpenClaw 2026.9.6');
`;

describe('the compiled code that another account has put below /tmp', () => {
  let home: string;
  let root: string;
  let bin: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-compile-cache-'));
    chmodSync(home, 0o755);
    const shared = path.join(home, 'tmp');
    mkdirSync(path.join(shared, 'node-compile-cache'), { recursive: true });
    root = path.join(home, '.local/openclaw');
    bin = path.join(root, 'bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, path.join(bin, 'node'));
    for (const name of ['npm', 'openclaw']) writeFileSync(path.join(bin, name), PROGRAM, { mode: 0o755 });
    writeFileSync(path.join(root, 'caches'), '');
    chmodSync(path.join(root, 'caches'), 0o666);
    environment = { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh', TMPDIR: shared };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const caches = () => readFileSync(path.join(root, 'caches'), 'utf8').trimEnd().split('\n');

  test('is not run by a setup', async () => {
    const script = withVariables(
      ['installer.sh', 'npm-install.sh', 'install-openclaw.sh'].map(load).join('\n'),
      {
        ...{ OPENCLAW_VERSION: 'latest', NPM_REGISTRY: 'http://127.0.0.1:9' },
      },
    );
    await promisify(execFile)('/bin/sh', ['-c', script], { env: environment });
    expect(caches()).toEqual(['npm DISABLED', 'openclaw DISABLED']);
  });

  const runAsServer = (script: string, ...words: string[]) =>
    execFileSync('/bin/sh', ['-s', '--', path.join(bin, 'openclaw'), path.join(bin, 'openclaw'), ...words], {
      input: script,
      env: environment,
    });

  test.each([
    ['a command', cliScript],
    ['the check of a change', dryRunScript],
  ])('is not run by %s of OpenClaw', (_what, script) => {
    runAsServer(script, '{}');
    expect(caches()).toEqual(['openclaw DISABLED']);
  });

  test.skipIf(noAccounts !== null)(
    `is not run by a command of OpenClaw as its account${noAccounts === null ? '' : ` (${noAccounts})`}`,
    () => {
      chownSync(path.join(bin, 'openclaw'), NOBODY, NOBODY);
      runAsServer(cliScript, 'status');
      expect(caches()).toEqual(['openclaw DISABLED']);
    },
  );
});
