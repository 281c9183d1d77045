// npm run screenshots: regenerates the screenshots of README.md.
import path from 'node:path';
import { buildWebApp, installPackages, root, runInPlace } from './node.mjs';

installPackages();
buildWebApp();
runInPlace(
  path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  ['run', '--project', 'browser', 'frontend/test/screenshots.browser.test.ts'],
  { SCREENSHOTS: '1', TEST_LONG: '1' },
);
