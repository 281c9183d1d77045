// npm run package as its user gets it: one archive that needs nothing of this checkout. Takes a minute: in long runs.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { until } from '../../testbed/until.ts';
import { copyOfCheckout, makeArchive } from './support/made-archive.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const BUILD_MS = 600_000;
const COMMAND_DEADLINE_MS = 60_000;
/** Replaces the time of the commit, which a copy without git does not know. */
const SOURCE_DATE_EPOCH = '1795000000';
/** The target of the package, in bytes. */
const MAX_BYTES = 90_000_000;
const name = `buoy-${version}-linux-${process.arch}`;

describe.skipIf(!isLongRun)(`npm run package${isLongRun ? '' : ' (skipped: in npm run test:long)'}`, () => {
  let dir: string;
  let child: ChildProcess | undefined;
  const unpacked = () => path.join(dir, name);
  const environment = () => ({
    PATH: '/usr/bin:/bin',
    HOME: dir,
    DATA_DIR: path.join(dir, 'data'),
    PORT: '18391',
    BUOY_AS_ROOT: '1',
    BUOY_ENV_FILE: path.join(dir, 'none.env'),
  });
  /** The answer to an invalid private key, which the server reads in a worker thread. */
  const problemOfUnreadableKey = async (code: string | undefined): Promise<unknown> => {
    const post = async (call: string, body: object, token = ''): Promise<Record<string, unknown>> => {
      const response = await fetch(`http://127.0.0.1:18391/api/${call}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const { token } = await post('auth/link', { code });
    const server = {
      name: 'one',
      host: '192.0.2.1',
      username: 'deploy',
      authType: 'key',
      privateKey: 'none',
    };
    return (await post('servers', server, String(token))).code;
  };
  const buoyServer = (...args: string[]): Promise<CommandResult> =>
    runCommand(path.join(unpacked(), 'bin/buoy-server'), args, {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: environment(),
    });

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'buoy-package-'));
    const built = await runCommand(process.execPath, [path.join(root, 'scripts/package.mjs'), dir], {
      timeoutMs: BUILD_MS,
      env: { ...process.env, SOURCE_DATE_EPOCH },
    });
    expect(built.code, built.stderr).toBe(0);
    await runCommand('tar', ['-xzf', path.join(dir, `${name}.tar.gz`), '-C', dir], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: process.env,
    });
  }, BUILD_MS);
  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  test('creates one archive of at most 90 MB, with its hash beside it', async () => {
    expect(readdirSync(dir).sort()).toEqual([name, `${name}.tar.gz`, `${name}.tar.gz.sha256`]);
    expect(statSync(path.join(dir, `${name}.tar.gz`)).size).toBeLessThanOrEqual(MAX_BYTES);
    const checked = await runCommand('sh', ['-c', `cd '${dir}' && sha256sum --check ${name}.tar.gz.sha256`], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: process.env,
    });
    expect(checked.code, checked.stderr).toBe(0);
  });

  test(
    'creates the same file from the same sources in another folder, for another account',
    async () => {
      const elsewhere = await copyOfCheckout(path.join(dir, 'else where'));
      const caller = { SOURCE_DATE_EPOCH, NODE_ENV: 'development', TZ: 'Asia/Tokyo', LC_ALL: 'C' };
      const again = await makeArchive(elsewhere, path.join(dir, 'again'), caller);
      const hash = readFileSync(`${again.file}.sha256`, 'utf8');
      rmSync(elsewhere, { recursive: true });
      expect(hash).toBe(readFileSync(path.join(dir, `${name}.tar.gz.sha256`), 'utf8'));
    },
    2 * BUILD_MS,
  );

  test('contains no development packages, tests or sources, and the notices of the packages it contains', () => {
    const packages = readdirSync(path.join(unpacked(), 'node_modules')).sort();
    // Everything else is bundled into the files of the server.
    expect(packages).toEqual(['@scarf', 'better-sqlite3', 'node-addon-api', 'swagger-ui-dist']);
    const files = readdirSync(unpacked(), { recursive: true }).map(String);
    expect(files.filter((file) => /\.ts$|^backend\/.*\/testing/.test(file))).toEqual([]);
    const notices = readFileSync(path.join(unpacked(), 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const shipped of ['fastify', 'ssh2', 'tweetnacl', 'react', 'yaml', `node-linux-${process.arch}`])
      expect(notices).toMatch(new RegExp(`^${shipped} \\d`, 'm'));
  });

  test('shows source lines in stack traces', async () => {
    const source = 'backend/src/health/event-loop-meter.ts';
    const lines = readFileSync(path.join(root, source), 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('performance.eventLoopUtilization()')) + 1;
    const plant = `performance.eventLoopUtilization=()=>{throw new Error('planted')}`;
    const started = await runCommand(path.join(unpacked(), 'bin/buoy-server'), ['start'], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: { ...environment(), NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(plant)}` },
    });
    expect(started.code).toBe(1);
    const { err } = JSON.parse(started.stdout.trim().split('\n').at(-1) ?? '');
    expect(err.stack).toMatch(new RegExp(`planted\n.*\n.*/${source}:${line}:`));
  });

  test('starts, is healthy, and its commands work beside the running server', async () => {
    child = spawn(path.join(unpacked(), 'bin/buoy-server'), ['start'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        printed += chunk;
      });
    await until(COMMAND_DEADLINE_MS, async () => {
      if (child?.exitCode !== null) throw new Error(`It ended:\n${printed}`);
      return printed.includes('"msg":"listening"');
    });
    expect(await buoyServer('healthy')).toMatchObject({ code: 0 });
    const page = await fetch('http://127.0.0.1:18391/');
    expect(await page.text()).toContain('<!doctype html>');
    expect((await fetch('http://127.0.0.1:18391/api/docs')).status).toBe(200);
    const link = (await buoyServer('sign-in-link')).stdout;
    expect(await problemOfUnreadableKey(/#code=(\S+)/.exec(link)?.[1])).toBe('key_format');
    expect((await buoyServer('backup')).stdout).toContain('read back and verified');
    expect((await buoyServer('keys', 'show')).code).toBe(0);
    expect((await buoyServer('audit', 'verify')).code).toBe(0);
    expect((await buoyServer('version')).stdout).toBe(`${version}\n`);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect((await buoyServer('healthy')).code).toBe(1);
  });
});
