// npm run test:long: npm test with its repetitions at full length. Arguments after -- go to Vitest.
import { runTests } from './steps.mjs';

process.exit((await runTests(process.argv.slice(2), { TEST_LONG: '1' })) ? 0 : 1);
