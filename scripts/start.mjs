// npm start: install what is missing, build the web app, serve.
import path from 'node:path';
import { buildWebApp, installPackages, root, runInPlace } from './node.mjs';

installPackages();
buildWebApp();
runInPlace(path.join(root, 'backend', 'src', 'main.ts'), process.argv.slice(2));
