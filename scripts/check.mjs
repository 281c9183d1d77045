// npm run check: types, lint and boundaries, unused code, unit tests. Meant for every save: under 60 seconds.
import { installPackages } from './node.mjs';
import { staticSteps, vitest } from './steps.mjs';

installPackages();
const results = [...(await staticSteps()), vitest(['--project', 'unit'])];
process.exit(results.every(Boolean) ? 0 : 1);
