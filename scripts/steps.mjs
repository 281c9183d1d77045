// Runs the parts of a check one after the other and says how each went.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { environment, nodePath, root } from './node.mjs';

/** Runs one program of the repository or its packages, by its JavaScript or TypeScript entry. Answers whether it went well. */
export function step(title, entry, args = []) {
  const started = Date.now();
  console.log(`\n== ${title}`);
  const { status } = spawnSync(nodePath(), [path.join(root, entry), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  });
  console.log(
    `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return status === 0;
}

/** What can be said without running the product: types, lint, format, boundaries, nothing unused. */
export function staticSteps() {
  return [
    step('types', 'node_modules/typescript/bin/tsc', ['-p', '.']),
    step('types of the web app', 'node_modules/typescript/bin/tsc', ['-p', 'frontend']),
    step('lint, format, boundaries', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
    step('unused files, exports, packages', 'node_modules/knip/bin/knip.js'),
  ];
}

export function vitest(args) {
  return step('tests', 'node_modules/vitest/vitest.mjs', ['run', ...args]);
}
