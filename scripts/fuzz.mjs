// npm run fuzz: the contract suite with many more requests to each endpoint and a new seed each time. FUZZ_RUNS and FUZZ_SEED say
// otherwise and repeat a run; arguments after -- go to Vitest, such as -t "POST /servers".
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { installPackages, root, runInPlace } from './node.mjs';

const MAX_SEED = 2 ** 31;
const { FUZZ_RUNS = '5000', FUZZ_SEED = String(randomInt(MAX_SEED)) } = process.env;

installPackages();
console.log(`Seed ${FUZZ_SEED}, ${FUZZ_RUNS} requests to each endpoint.`);
runInPlace(
  path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  ['run', '--project', 'suite', 'backend/test/contract.test.ts', ...process.argv.slice(2)],
  { FUZZ_RUNS, FUZZ_SEED },
);
