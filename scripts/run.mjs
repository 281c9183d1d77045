// Runs a TypeScript program of this repository on the pinned Node: node scripts/run.mjs FILE [ARGUMENTS…]
import path from 'node:path';
import { installPackages, root, runInPlace } from './node.mjs';

const [file, ...args] = process.argv.slice(2);
installPackages();
runInPlace(path.join(root, file), args);
