// `buoy` in a checkout: runs from source, built or not, with the version of Buoy.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');
const manifestIn = (folder: string) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const { version } = manifestIn(root);
const command = path.join(root, 'cli', 'bin', 'buoy.mjs');

/** Runs outside the checkout folder, as people do. */
const buoy = (words: string[], input = '') =>
  runCommand('sh', ['-c', 'cd "$0" && exec "$@"', tmpdir(), process.execPath, command, ...words], {
    timeoutMs: 60_000,
    input,
    env: { PATH: process.env.PATH, HOME: tmpdir(), BUOY_URL: 'http://127.0.0.1:1', BUOY_TOKEN: 'none' },
  });

describe('buoy in a checkout', () => {
  test('runs without a build, and prints only its own output to standard output', async () => {
    expect(await buoy(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('returns the exit code and the errors of the command', async () => {
    expect(await buoy(['servers', 'shw'])).toMatchObject({ code: 2, stdout: '' });
    expect(await buoy(['servers', 'list'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('127.0.0.1:1'),
    });
  });

  test('is the bin of the package, with a shebang for npm', () => {
    const { bin } = manifestIn(path.join(root, 'cli'));
    expect(path.join(root, 'cli', bin.buoy)).toBe(command);
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('the version', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await buildBundle();
  });
  afterAll(() => bundle?.remove());

  test('is in one place: no other package of this repository has a version', () => {
    const { workspaces } = manifestIn(root);
    for (const workspace of workspaces)
      expect(manifestIn(path.join(root, workspace))).not.toHaveProperty('version');
  });

  test('is in the package that the build makes for other machines', () => {
    const manifest = manifestIn(bundle.folder);
    expect(manifest).toMatchObject({ name: '@buoy/cli', version, bin: { buoy: 'buoy.mjs' } });
    expect(manifest).not.toHaveProperty('devDependencies');
  });

  test('npm pack makes an archive of that package', async () => {
    const packed = await runCommand('sh', ['-c', 'cd "$0" && npm pack --silent', bundle.folder], {
      timeoutMs: 60_000,
    });
    expect(packed).toMatchObject({ code: 0, stdout: `buoy-cli-${version}.tgz\n` });
  });
});
