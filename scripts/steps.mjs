// Runs the steps of a check in sequence and reports each result.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
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
  const results = [...(await staticSteps()), vitest(args, { ...extra, BUILT_SERVER })];
  endPreparation();
  return results.every(Boolean);
}
