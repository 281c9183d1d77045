// The archives of `npm run package`: of this checkout, and of the version before it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../../../testbed/run-command.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const BUILD_MS = 15 * 60_000;
const COPY_MS = 60_000;
/** The version number of a checkout that stands for an older one. */
const OLDER_VERSION = '0.0.1';

export type MadeArchive = { version: string; name: string; file: string };

/** The environment of a shell, without the variables that a test runner sets. */
const shellEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|VITEST.*|TEST_.*|NODE_OPTIONS)$/.test(name)),
);

const shell = async (script: string, args: string[], timeoutMs = COPY_MS): Promise<string> => {
  const done = await runCommand('sh', ['-euc', script, ...args], { timeoutMs, env: shellEnvironment });
  if (done.code !== 0) throw new Error(`${script}\n${done.stdout}${done.stderr}`);
  return done.stdout.trim();
};

/** Copies the files that git knows, in their present state, without installed and built ones. @param folder is created */
export async function copyOfCheckout(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await shell('cd "$0" && git ls-files -z | tar c --null -T - | tar x -C "$1"', [root, folder]);
  return folder;
}

/** Runs `npm run package` in a checkout. @param target a folder for the archive */
export async function makeArchive(
  checkout: string,
  target: string,
  environment: Record<string, string> = {},
): Promise<MadeArchive> {
  const built = await runCommand('npm', ['run', '--prefix', checkout, 'package', '--', target], {
    timeoutMs: BUILD_MS,
    env: { ...shellEnvironment, ...environment },
  });
  if (built.code !== 0) throw new Error(`npm run package failed.\n${built.stdout}${built.stderr}`);
  const { version } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8'));
  const name = `buoy-${version}-linux-${process.arch}`;
  return { version, name, file: path.join(target, `${name}.tar.gz`) };
}

/** The archive of this checkout. @param target a folder for it */
export const archiveOfCheckout = (target: string): Promise<MadeArchive> => makeArchive(root, target);

/**
 * The archive of the commit before, made by its own scripts. Where a clone does not reach back so far, it is this checkout with a lower
 * number: then the upgrade is one between two versions of the same program.
 * @param folder for the sources and the archive
 */
export async function archiveOfCommitBefore(folder: string): Promise<MadeArchive> {
  const checkout = path.join(folder, 'before');
  const target = path.join(folder, 'before-archive');
  const time = await shell('cd "$0" && git log -1 --format=%ct "HEAD~1" 2>/dev/null || true', [root]);
  if (time !== '') {
    mkdirSync(checkout, { recursive: true });
    await shell('cd "$0" && git archive HEAD~1 | tar x -C "$1"', [root, checkout]);
    return makeArchive(checkout, target, { SOURCE_DATE_EPOCH: time });
  }
  await copyOfCheckout(checkout);
  const file = path.join(checkout, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify({ ...manifest, version: OLDER_VERSION }, null, 2)}\n`);
  return makeArchive(checkout, target);
}
