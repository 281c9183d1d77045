// npm test: sets up what the tests need, then runs everything. Extra arguments go to Vitest.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildWebApp, environment, installPackages, nodePath, root } from './node.mjs';

function run(title, file, args = []) {
  const started = Date.now();
  console.log(`\n== ${title}`);
  const result = spawnSync(nodePath(), [path.join(root, file), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  });
  console.log(
    `== ${title}: ${result.status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return result.status === 0;
}

installPackages();
// What cannot be installed here is named, and its suites are skipped by name: no reason to fail.
run('system packages', 'testbed/system-packages.ts');
buildWebApp();
const checks = [
  run('types', 'node_modules/typescript/bin/tsc', ['-p', '.']),
  run('types of the web app', 'node_modules/typescript/bin/tsc', ['-p', 'frontend']),
  run('lint, format, boundaries', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
  run('unused files, exports, packages', 'node_modules/knip/bin/knip.js'),
  run('tests', 'node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]),
];
process.exit(checks.every(Boolean) ? 0 : 1);
