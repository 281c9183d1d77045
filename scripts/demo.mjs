// npm run demo: install, build, then show one live server.
import path from 'node:path';
import { buildWebApp, installPackages, root, runInPlace } from './node.mjs';

installPackages();
buildWebApp();
runInPlace(path.join(root, 'testbed', 'demo.ts'), []);
