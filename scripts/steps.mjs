// Runs the steps of a check in sequence and reports each result.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';
import { buildWebApp, environment, installPackages, nodePath, root } from './node.mjs';

/** Runs one program of the repository or its packages, by its JavaScript or TypeScript entry. Answers whether it went well. */
export function step(title, entry, args = [], extra = {}) {
  const started = Date.now();
  console.log(`\n== ${title}`);
  const { status } = spawnSync(nodePath(), [path.join(root, entry), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: environment(extra),
  });
  console.log(outcome(title, status, started));
  return status === 0;
}

/** The same in parallel: its output is printed in one piece at its end. */
function stepBesideOthers(title, entry, args = []) {
  const started = Date.now();
  const child = spawn(nodePath(), [path.join(root, entry), ...args], { cwd: root, env: environment() });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      console.log(`\n== ${title}\n${Buffer.concat(printed)}${outcome(title, status, started)}`);
      resolve(status === 0);
    });
  });
}

function outcome(title, status, started) {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s`;
}

/** What it found of unchanged files is kept from run to run: of a few changed ones it then needs seconds. */
function types(title, project, name) {
  const kept = path.join(root, 'node_modules', '.cache', 'types', `${name}.tsbuildinfo`);
  const words = ['-p', project, '--incremental', '--tsBuildInfoFile', kept];
  return stepBesideOthers(title, 'node_modules/typescript/bin/tsc', words);
}

/** Static checks: types, lint, format, boundaries, unused code. Each keeps one core busy. */
export function staticSteps() {
  return Promise.all([
    types('types', '.', 'all'),
    types('types of the web app', 'frontend', 'web'),
    stepBesideOthers('lint, format, boundaries', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
    stepBesideOthers('unused files, exports, packages', 'node_modules/knip/bin/knip.js'),
  ]);
}

export function vitest(args, extra = {}) {
  return step('tests', 'node_modules/vitest/vitest.mjs', ['run', ...args], extra);
}

/** Tests start hundreds of servers. Answers the folder of the built one, beside the sources, so that it finds the same packages. */
async function buildServerForTests() {
  const folder = path.join(root, 'backend', 'dist');
  rmSync(folder, { recursive: true, force: true });
  // Once the packages are there: it stands on some of them.
  const { buildServer } = await import('./build-server.mjs');
  await buildServer(folder);
  return folder;
}

/**
 * Begins to build what the hosts stand on. Whether it succeeds does not matter: the first test on a host builds what is missing, and reports why
 * it cannot. Answers the function that ends it.
 */
function prepareLayers(extra) {
  const child = spawn(nodePath(), [path.join(root, 'testbed', 'prepare-layers.ts')], {
    cwd: root,
    stdio: 'ignore',
    env: environment(extra),
  });
  return () => child.kill();
}

/** A file system in memory, where a program may also be run. */
const MEMORY = '/dev/shm';
/** Bytes that tests may need there, and that stay free for everything else. */
const TEMPORARY_BYTES = 4 * 2 ** 30;

/**
 * Tests make thousands of small databases, each of whose commits waits for the disk: their temporary files go to memory where there is room.
 * Answers the setting for it, and the function that removes what is left; first removes what killed runs have left.
 */
function useMemoryForTemporaryFiles() {
  const none = [{}, () => {}];
  if (!existsSync(MEMORY)) return none;
  for (const name of readdirSync(MEMORY)) {
    const [, pid] = /^buoy-tests-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(path.join(MEMORY, name), { recursive: true, force: true });
  }
  const { bavail, bsize } = statfsSync(MEMORY);
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .findLast((line) => line.split(' ')[1] === MEMORY);
  const mayRun = mount?.startsWith('tmpfs ') && !/\bnoexec\b/.test(mount);
  if (!mayRun || bavail * bsize < TEMPORARY_BYTES || freemem() < 2 * TEMPORARY_BYTES) return none;
  const folder = path.join(MEMORY, `buoy-tests-${process.pid}`);
  mkdirSync(folder);
  // As /tmp: some tests run programs as other accounts.
  chmodSync(folder, 0o1777);
  return [{ TMPDIR: folder }, () => rmSync(folder, { recursive: true, force: true })];
}

/** Sets up what the tests need, then runs the static steps and the tests. Answers whether all went well. */
export async function runTests(args, extra = {}) {
  installPackages();
  // A package that cannot be installed is named and its suites are skipped, which is no failure.
  const systemPackages = stepBesideOthers('system packages', 'testbed/system-packages.ts');
  buildWebApp();
  const BUILT_SERVER = await buildServerForTests();
  await systemPackages;
  // Who names tests may want none on a host.
  const endPreparation = args.length === 0 ? prepareLayers(extra) : () => {};
  const statics = await staticSteps();
  const [temporary, removeTemporary] = useMemoryForTemporaryFiles();
  const results = [...statics, vitest(args, { ...extra, ...temporary, BUILT_SERVER })];
  removeTemporary();
  endPreparation();
  return results.every(Boolean);
}
