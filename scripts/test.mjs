// npm test: sets up what the tests need, then runs everything that takes no minutes of its own. Arguments after -- go to Vitest.
import { runTests } from './steps.mjs';

process.exit((await runTests(['--project', '!long', ...process.argv.slice(2)])) ? 0 : 1);
