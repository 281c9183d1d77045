// npm test: sets up what the tests need, then runs everything. Arguments after -- go to Vitest.
import { runTests } from './steps.mjs';

process.exit((await runTests(process.argv.slice(2))) ? 0 : 1);
