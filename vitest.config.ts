// The suites: unit tests beside the code, then stores on both databases, whole-application suites, real hosts, a real browser.
import { defineConfig } from 'vitest/config';
import LongestFirst from './backend/test/setup/longest-first.ts';
import { isLongRun, longRunOnly } from './testbed/long-run.ts';

const everywhere = '{contract,backend,frontend,cli,testbed}';
const special = ['**/*.store.test.ts', '**/*.host.test.ts', '**/*.browser.test.ts', '{backend,cli}/test/**'];
/** Beside the code, but too slow for every save: they start sshd, shells or PostgreSQL again and again. */
const withPrograms = ['backend/src/ssh/*.test.ts', 'testbed/postgres.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', ...(isLongRun ? [] : longRunOnly)];

/**
 * A busy machine makes a gateway or a page miss a deadline, or a measured time, now and then: a test that fails for that alone is run once
 * more, and the end of a run names it. Any other failure counts at once.
 */
const afterMissedDeadline = {
  count: 1,
  condition:
    /in time|[Nn]ot (true )?within|[Dd]id not come|[Tt]imeout|[Tt]imed out|expected [\d.]+ to be less than \d{3,}/,
};

export default defineConfig({
  test: {
    // Much of the time is waiting for gateways, sshd and pages: two workers leave two cores idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './backend/test/setup/closing-line.ts'],
    // Two groups: at the end of each, one worker may wait for the other.
    projects: [
      {
        test: {
          name: 'unit',
          // Files share a process, here and below: loading Buoy anew for each file took half of the time.
          isolate: false,
          sequence: { groupOrder: 0 },
          include: [`${everywhere}/**/*.test.ts`],
          exclude: [...never, ...special, ...withPrograms],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'store',
          isolate: false,
          sequence: { groupOrder: 0 },
          include: [`${everywhere}/**/*.store.test.ts`],
          exclude: never,
          globalSetup: ['backend/test/setup/postgres.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'suite',
          isolate: false,
          sequence: { groupOrder: 0 },
          include: ['{backend,cli}/test/**/*.test.ts', ...withPrograms],
          exclude: [...never, '**/*.host.test.ts'],
          globalSetup: ['backend/test/setup/postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'host',
          isolate: false,
          sequence: { groupOrder: 1 },
          include: [`${everywhere}/**/*.host.test.ts`],
          exclude: never,
          globalSetup: ['backend/test/setup/hosts.ts'],
          retry: afterMissedDeadline,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browser',
          isolate: false,
          sequence: { groupOrder: 1 },
          include: ['frontend/test/**/*.browser.test.ts'],
          exclude: never,
          globalSetup: ['backend/test/setup/hosts.ts'],
          retry: afterMissedDeadline,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
