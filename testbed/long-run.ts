/** `npm run test:long`: what repeats for certainty's sake is repeated often. */
export const isLongRun = process.env.TEST_LONG === '1';

/**
 * Test files that only the long run has: the commands of long pages of the documentation and its pictures, the test bed itself, requests at random
 * against a real gateway, reads of everything while a gateway or a host is down, a setup without internet, updates of a real OpenClaw, each fault of a start, of a restored
 * backup and of a rotated key (`npm test` has the drill on a real host and the unit tests), and suites that drive parts over one of API, command line and
 * browser which others drive over another, on the same real hosts.
 */
export const longRunOnly = [
  'backend/test/api-docs.test.ts',
  'backend/test/operations-docs.test.ts',
  'backend/test/upgrade-docs.test.ts',
  'backend/test/key-rotation.test.ts',
  'backend/test/jwt-rotation.test.ts',
  'backend/test/restore.test.ts',
  'backend/test/start-failures.test.ts',
  'backend/test/postgresql-docs.test.ts',
  'cli/test/first-server-doc.test.ts',
  'cli/test/invite-doc.test.ts',
  'cli/test/locked-out-doc.test.ts',
  'testbed/hosts.host.test.ts',
  'testbed/light-hosts.host.test.ts',
  'backend/test/openclaw-fuzz.host.test.ts',
  'backend/test/openclaw-agent-keys.host.test.ts',
  'backend/test/openclaw-down.host.test.ts',
  'backend/test/openclaw-elsewhere.host.test.ts',
  'backend/test/openclaw-inbox.host.test.ts',
  'backend/test/openclaw-model-check.host.test.ts',
  'backend/test/openclaw-operations.host.test.ts',
  'backend/test/openclaw-sessions.host.test.ts',
  'backend/test/openclaw-skills.host.test.ts',
  'backend/test/restart-survives.host.test.ts',
  'backend/test/terminal.host.test.ts',
  'backend/src/openclaw/status/status.host.test.ts',
  'backend/test/dead-server.host.test.ts',
  'backend/test/secrets.host.test.ts',
  'backend/test/setup-cuts.host.test.ts',
  'backend/test/setup-matrix.host.test.ts',
  'backend/test/setup-prereqs.host.test.ts',
  'backend/test/setup-without-internet.host.test.ts',
  'backend/test/rollout.host.test.ts',
  'backend/test/supervised.host.test.ts',
  'backend/test/update-openclaw.host.test.ts',
  'backend/test/snapshots.host.test.ts',
  'cli/test/fleet.host.test.ts',
  'cli/test/inbox.host.test.ts',
  'cli/test/openclaw.host.test.ts',
  'cli/test/openclaw-sessions.host.test.ts',
  'frontend/test/agents-config.browser.test.ts',
  'frontend/test/bulk-setup-hosts.browser.test.ts',
  'frontend/test/api-reference.browser.test.ts',
  'frontend/test/journey.browser.test.ts',
  'frontend/test/live-server.browser.test.ts',
  'frontend/test/repair.browser.test.ts',
  'frontend/test/screenshots.browser.test.ts',
  'frontend/test/setup.browser.test.ts',
  'frontend/test/snapshots.browser.test.ts',
];
