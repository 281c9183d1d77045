// The suites: unit tests beside the code, then stores on both databases, whole-application suites, real hosts, a real browser.
import { defineConfig } from 'vitest/config';
import LongestFirst from './backend/test/setup/longest-first.ts';
import { isLongRun, longRunOnly } from './testbed/long-run.ts';

const everywhere = '{contract,backend,frontend,cli,testbed}';
const special = ['**/*.store.test.ts', '**/*.host.test.ts', '**/*.browser.test.ts', '{backend,cli}/test/**'];
/** Beside the code, but too slow for every save: they start sshd, shells, databases or workers again and again, or measure time. */
const tooSlow = [
  'backend/src/ssh/*.test.ts',
  'testbed/postgres.test.ts',
  'testbed/tcp-proxy.test.ts',
  'backend/src/openclaw/status/status-unreachable.test.ts',
  'backend/src/openclaw/status/status.test.ts',
  'backend/src/openclaw/skills/skills.test.ts',
  'backend/src/openclaw/skills/{read-archive,skill-folders}.test.ts',
  'backend/src/openclaw/gateway/create-gateways.test.ts',
  'backend/src/openclaw/dashboard/dashboard.test.ts',
  'backend/src/openclaw/service/{restart,start-stop}.test.ts',
  'backend/src/openclaw/host/{create-installations,gateway-files,process-supervisor,service-config}.test.ts',
  'backend/src/setup/{check-prereqs-script,edited-script,install-service-script,installed,prerequisites,service-unit}.test.ts',
  'backend/src/setup/carry/{download-cache,package-set,send-bundle}.test.ts',
  'backend/src/setup/update/preflight.test.ts',
  'backend/src/rollouts/{rollouts,rollouts-under-policies}.test.ts',
  'backend/src/telegram/init-data.test.ts',
  'backend/src/oidc/provider.test.ts',
  'backend/src/bot/bot.test.ts',
  'backend/src/notify/delivery.test.ts',
  'backend/src/openclaw/events/hub.test.ts',
  'backend/src/openclaw/usage/usage.test.ts',
  'cli/src/commands/setup-apply/read-servers-file.test.ts',
  'testbed/misbehaving-servers.test.ts',
  'backend/src/http/{bind,event-stream,expensive-calls,idempotency,problem,rate-limit,security-headers,unread-answers}.test.ts',
  'backend/src/secrets/rotate-vault.test.ts',
  'backend/src/health/event-loop-meter.test.ts',
  'backend/src/lib/{create-logger,isolated-work,redact,weekly-windows}.test.ts',
  'backend/src/tasks/{tasks,tasks-resumed,tasks-rollback,task-events}.test.ts',
  'backend/src/users/{api-tokens,device-login,sign-in}.test.ts',
  'frontend/src/features/tasks/follow-task.test.ts',
  'frontend/src/features/sessions/costly-markdown.test.ts',
];
const never = ['**/node_modules/**', '**/dist/**', ...(isLongRun ? [] : longRunOnly)];

/**
 * A busy machine makes a gateway or a page miss a deadline, or a measured time, now and then: a test that fails for that alone is run once
 * more, and the end of a run names it. Any other failure counts at once.
 */
const afterMissedDeadline = {
  count: 1,
  condition:
    /in time|[Nn]ot (\w+ )?within|[Nn]ot ready after|[Dd]id not (come|listen)|[Tt]imeout|[Tt]imed out|expected [\d.]+ to be less than \d{3,}/,
};

export default defineConfig({
  test: {
    // Much of the time is waiting for gateways, sshd and pages: two workers leave two cores idle. The long run has more that keeps them busy.
    maxWorkers: isLongRun ? 2 : 3,
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
          exclude: [...never, ...special, ...tooSlow],
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
          include: ['{backend,cli}/test/**/*.test.ts', ...tooSlow],
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
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
