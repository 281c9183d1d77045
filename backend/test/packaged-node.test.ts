// The scripts behind each `npm run`: which Node they choose, whatever npm installed the packages.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';

const root = path.resolve(import.meta.dirname, '../..');
const packageName = `node-${process.platform}-${process.arch}`;

describe('Node of the npm scripts', () => {
  let checkout: string;

  beforeEach(() => {
    checkout = mkdtempSync(path.join(tmpdir(), 'buoy with spaces '));
    cpSync(path.join(root, 'scripts'), path.join(checkout, 'scripts'), { recursive: true });
    cpSync(path.join(root, 'package.json'), path.join(checkout, 'package.json'));
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  /** The layout of npm 9 and 10: the package is installed, but node_modules/.bin/node is missing. */
  const installPackage = () => {
    const folder = path.join(checkout, 'node_modules', packageName);
    mkdirSync(path.join(folder, 'bin'), { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: packageName }));
    symlinkSync(process.execPath, path.join(folder, 'bin', 'node'));
    return path.join(folder, 'bin', 'node');
  };
  const ask = async (question: string) => {
    const script = `const scripts = await import('./scripts/node.mjs'); console.log(${question});`;
    const asked = ['-c', 'cd "$0" && exec "$1" --input-type=module -e "$2"', checkout, process.execPath];
    const { stdout } = await runCommand('sh', [...asked, script], {
      timeoutMs: 30_000,
      env: { PATH: '/usr/bin:/bin' },
    });
    return stdout.trim();
  };

  test('is the packaged one when npm has created no node_modules/.bin/node', async () => {
    const packaged = installPackage();
    expect(await ask('scripts.nodePath()')).toBe(packaged);
  });

  test('is also the `node` of the programs they start', async () => {
    const packaged = installPackage();
    expect(await ask('scripts.environment().PATH.split(":")[0]')).toBe(path.dirname(packaged));
  });

  test('is the one that runs them when no package exists for this system', async () => {
    expect(await ask('scripts.nodePath()')).toBe(process.execPath);
  });
});
