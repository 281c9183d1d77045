// npm test: sets up what the tests need, then runs everything. Arguments after -- go to Vitest.
import { buildWebApp, installPackages } from './node.mjs';
import { staticSteps, step, vitest } from './steps.mjs';

installPackages();
// What cannot be installed here is named, and its suites are skipped by name: no reason to fail.
step('system packages', 'testbed/system-packages.ts');
buildWebApp();
const results = [...(await staticSteps()), vitest(process.argv.slice(2))];
process.exit(results.every(Boolean) ? 0 : 1);
