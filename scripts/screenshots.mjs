// npm run screenshots: makes the pictures of README.md anew.
import path from 'node:path';
import { buildWebApp, installPackages, root, runInPlace } from './node.mjs';

installPackages();
buildWebApp();
runInPlace(
  path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  ['run', '--project', 'browser', 'frontend/test/screenshots.browser.test.ts'],
  { SCREENSHOTS: '1' },
);
