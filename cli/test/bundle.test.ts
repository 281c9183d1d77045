// The bundled command line: a single file without dependencies that starts quickly.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { runCommand } from '../../testbed/run-command.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

/** CPU time of `--version` in starts of Node alone: 70 ms beside 30 on an idle machine. On a busy one the same work takes more CPU time. */
const MAX_STARTS = 2.75;
const ATTEMPTS = 30;
const cpuTimeReporter =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write(String(user+system))})';

let bundle: Bundle;
let fixture: CliFixture;
beforeAll(async () => {
  [bundle, fixture] = await Promise.all([buildBundle(), startCliFixture()]);
});
afterAll(async () => {
  bundle?.remove();
  await fixture?.close();
});

test('the bundle starts in less than three times the time of Node alone', () => {
  const cpuTime = (...words: string[]) => {
    const { stderr } = spawnSync(process.execPath, ['--import', cpuTimeReporter, ...words], {
      encoding: 'utf8',
    });
    return Number(stderr);
  };
  const rounds = Array.from({ length: ATTEMPTS }, () => ({
    bundle: cpuTime(bundle.file, '--version'),
    node: cpuTime('--eval', '0'),
  }));
  const least = (of: 'bundle' | 'node') => Math.min(...rounds.map((round) => round[of]));
  expect(least('bundle') / least('node')).toBeLessThan(MAX_STARTS);
});

test('the bundle needs only Node, in any folder', () => {
  const imported = [...readFileSync(bundle.file, 'utf8').matchAll(/\b(?:from|import)\s*\(?"([^"]+)"/g)];
  expect(imported.length).toBeGreaterThan(0);
  expect(imported.filter(([, name]) => !name?.startsWith('node:'))).toEqual([]);
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-alone-'));
  try {
    const alone = path.join(folder, 'buoy.mjs');
    copyFileSync(bundle.file, alone);
    const said = execFileSync(process.execPath, [alone, '--version'], { cwd: folder, encoding: 'utf8' });
    expect(said).toBe(`${manifest.version}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the bundle ends with 141, as other programs do, when nobody reads its output to the end', () => {
  const unread = 'exec 3> >(exit); wait $!; "$@" >&3';
  const words = [process.execPath, bundle.file, '--version'];
  const { status, stderr } = spawnSync('bash', ['-c', unread, 'bash', ...words], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
});

test('the bundle talks to a Buoy as its own process, with the same output and exit codes', async () => {
  const buoy = (...words: string[]) =>
    runCommand(process.execPath, [bundle.file, ...words], {
      timeoutMs: 30_000,
      env: { HOME: fixture.folder, BUOY_URL: fixture.url, BUOY_TOKEN: fixture.token },
    });
  expect(await buoy('servers', 'list')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No servers. Add one: buoy servers add user@host --name NAME\n',
  });
  expect((await buoy('servers', 'show', 'nowhere')).code).toBe(1);
  expect((await buoy('servers', 'shw')).code).toBe(2);
  // With the libraries that no other command loads.
  const example = path.resolve(import.meta.dirname, '../../docs/servers.yaml');
  const planned = await buoy('setup', 'apply', '-f', example, '--dry-run');
  expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining('3 to add, 2 to set up.')]);
  expect((await buoy('inbox', 'list', '--json')).stdout).toBe(
    '{\n  "items": [],\n  "accessRequests": [],\n  "unreachable": []\n}\n',
  );
});
