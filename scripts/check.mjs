// npm run check: types, lint and boundaries, unused code, unit tests. Meant for every save: under 90 seconds.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { environment, installPackages, nodePath, root } from './node.mjs';

installPackages();

/** Each of them by its JavaScript entry, so that it runs on the pinned Node. */
const steps = [
  ['types', 'typescript/bin/tsc', ['-p', '.']],
  ['types of the web app', 'typescript/bin/tsc', ['-p', 'frontend']],
  ['lint, format, boundaries', '@biomejs/biome/bin/biome', ['check', '.']],
  ['unused files, exports, packages', 'knip/bin/knip.js', []],
  ['unit tests', 'vitest/vitest.mjs', ['run', '--project', 'unit']],
];

let failed = false;
for (const [title, entry, args] of steps) {
  const started = Date.now();
  console.log(`\n== ${title}`);
  const result = spawnSync(nodePath(), [path.join(root, 'node_modules', entry), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  });
  console.log(
    `== ${title}: ${result.status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  failed ||= result.status !== 0;
}
process.exit(failed ? 1 : 0);
