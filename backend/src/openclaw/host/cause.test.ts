// Journal text of gateways that were made to fail on real hosts (OpenClaw 2026.9.6 and 2026.7.35, systemd 257, Node 24.21).
import { expect, test } from 'vitest';
import { causeFromJournal, isOutOfMemory, lastOwnLine } from './cause.ts';

const failed = [
  'openclaw-gateway.service: Main process exited, code=exited, status=78/CONFIG',
  "openclaw-gateway.service: Failed with result 'exit-code'.",
  'openclaw-gateway.service: Consumed 4.119s CPU time.',
];

test('cause › an unknown config key (2026.9.6)', () => {
  const lines = [
    'Started openclaw-gateway.service - OpenClaw Gateway.',
    '2026-11-25T01:17:43.242+00:00 [gateway] starting...',
    '2026-11-25T01:17:43.808+00:00 [gateway] spawn broker ready pid=353',
    '2026-11-25T01:17:44.463+00:00 Gateway failed to start: Invalid config at /home/deploy/.openclaw/openclaw.json:',
    'openclaw.json:48 — gateway: Unrecognized key: "nope"',
    'Run "openclaw doctor --fix" to repair, then retry.',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toBe(
    'Invalid config at /home/deploy/.openclaw/openclaw.json: openclaw.json:48 — gateway: Unrecognized key: "nope"',
  );
});

test('cause › an unknown config key (2026.7.35)', () => {
  const lines = [
    '2026-11-25T01:21:06.594+00:00 Gateway failed to start: Invalid config at /home/deploy/.openclaw/openclaw.json:',
    'gateway: Invalid input',
    'Run "openclaw doctor --fix" to repair, then retry.',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toBe(
    'Invalid config at /home/deploy/.openclaw/openclaw.json: gateway: Invalid input',
  );
});

test('cause › a truncated config file', () => {
  const lines = [
    '2026-11-25T01:18:07.971+00:00 [gateway] resolving authentication…',
    '2026-11-25T01:18:07.978+00:00 Gateway start blocked: existing config is missing gateway.mode. Treat this as suspicious or clobbered config.',
    '2026-11-25T01:18:07.979+00:00 Config write audit: SQLite diagnostic_events/config-audit state (latest 50000 rows)',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toMatch(
    /^Gateway start blocked: existing config is missing gateway\.mode\./,
  );
});

test('cause › no config file', () => {
  const lines = [
    'Started openclaw-gateway.service - OpenClaw Gateway.',
    'Missing config. Run `openclaw setup` or set gateway.mode=local (or pass --allow-unconfigured).',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toMatch(/^Missing config\./);
});

test('cause › a network address without a secret', () => {
  const lines = [
    '2026-11-25T01:49:27.673+00:00 Refusing to bind gateway to lan without auth.',
    'Set gateway.auth.token/password (or OPENCLAW_GATEWAY_TOKEN/OPENCLAW_GATEWAY_PASSWORD) or pass --token/--password.',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toMatch(
    /^Refusing to bind gateway to lan without auth\. Set gateway\.auth\.token/,
  );
});

test('cause › a port used by another program (2026.7.35 names it)', () => {
  const lines = [
    '2026-11-25T01:54:13.577+00:00 [gateway] already running under systemd; waiting 5000ms before retrying startup',
    '2026-11-25T01:54:29.272+00:00 Gateway failed to start: gateway already running under systemd; existing gateway did not become healthy after 30000ms | listen EADDRINUSE: address already in use 127.0.0.1:18789 | EADDRINUSE',
    'If the gateway is supervised, stop it with: openclaw gateway stop',
    '2026-11-25T01:54:29.700+00:00 Port 18789 is already in use.',
    '2026-11-25T01:54:29.703+00:00 - pid 890 deploy: /opt/node24/bin/node -e listen (127.0.0.1:18789)',
    '2026-11-25T01:54:29.705+00:00 - Another process is listening on this port.',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toBe(
    'Port 18789 is already in use by pid 890 deploy: /opt/node24/bin/node -e listen (127.0.0.1:18789)',
  );
});

test('cause › a port used by another program (2026.9.6 waits without a message)', () => {
  const lines = [
    '2026-11-25T01:19:10.969+00:00 [gmail-watcher] gmail watcher stopped',
    '2026-11-25T01:19:11.004+00:00 [shutdown] completed cleanly in 43ms',
    '2026-11-25T01:19:11.321+00:00 [gateway] already running under systemd; waiting 5000ms before retrying startup',
    '2026-11-25T01:19:16.760+00:00 [gateway] spawn broker ready pid=520',
  ];
  expect(causeFromJournal(lines)).toBe("Another program already listens on the gateway's port");
});

test('cause › a missing Node executable', () => {
  const lines = [
    'openclaw-gateway.service: Scheduled restart job, restart counter is at 10.',
    "openclaw-gateway.service: Unable to locate executable '/opt/node24/bin/node': No such file or directory",
    'openclaw-gateway.service: Failed at step EXEC spawning /opt/node24/bin/node: No such file or directory',
    'openclaw-gateway.service: Main process exited, code=exited, status=203/EXEC',
    "openclaw-gateway.service: Failed with result 'exit-code'.",
    'openclaw-gateway.service: Start request repeated too quickly.',
    'Failed to start openclaw-gateway.service - OpenClaw Gateway.',
  ];
  expect(causeFromJournal(lines)).toBe(
    "Unable to locate executable '/opt/node24/bin/node': No such file or directory",
  );
});

test('cause › a package with a missing file', () => {
  const lines = [
    'node:internal/modules/cjs/loader:1568',
    '  throw err;',
    "Error: Cannot find module '/opt/node24/lib/node_modules/openclaw/dist/index.js'",
    '    at Module._resolveFilename (node:internal/modules/cjs/loader:1564:15)',
    "  code: 'MODULE_NOT_FOUND',",
    'Node.js v24.21.0',
    'openclaw-gateway.service: Main process exited, code=exited, status=1/FAILURE',
    'openclaw-gateway.service: Start request repeated too quickly.',
  ];
  expect(causeFromJournal(lines)).toBe(
    "Error: Cannot find module '/opt/node24/lib/node_modules/openclaw/dist/index.js'",
  );
});

test('cause › a kill from outside', () => {
  const lines = [
    '2026-11-25T01:51:43.122+00:00 [gateway] starting...',
    'openclaw-gateway.service: Sent signal SIGKILL to main process 19102 (MainThread) on client request.',
    'openclaw-gateway.service: Main process exited, code=killed, status=9/KILL',
    "openclaw-gateway.service: Failed with result 'signal'.",
  ];
  expect(causeFromJournal(lines)).toBe('The gateway was killed (SIGKILL)');
});

test('cause › the start limit when nothing else is logged', () => {
  expect(causeFromJournal(['openclaw-gateway.service: Start request repeated too quickly.'])).toContain(
    'start limit',
  );
});

test('cause › documented messages for an old Node, a full heap and a kernel out of memory', () => {
  expect(
    causeFromJournal([
      'openclaw: Node 20.20.2: node:sqlite is unavailable; use 24.16+/26.1+ or a build with the fix.',
    ]),
  ).toContain('Node 20.20.2');
  expect(
    causeFromJournal(['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory']),
  ).toContain('own memory');
  for (const words of [
    'A process of this unit has been killed by the OOM killer.',
    'systemd-oomd killed some process(es) in this unit.',
  ]) {
    const cause = causeFromJournal([
      `openclaw-gateway.service: ${words}`,
      'openclaw-gateway.service: Main process exited, code=killed, status=9/KILL',
    ]);
    expect(cause).toContain('ran out of memory');
    expect(isOutOfMemory(`${cause}.`)).toBe(true);
  }
});

test('cause › ignores errors before the last successful start', () => {
  const lines = [
    '2026-11-25T01:17:44.463+00:00 Gateway failed to start: Invalid config at /x:',
    'gateway: bad',
    '2026-11-25T01:26:25.284+00:00 [gateway] ready',
    '2026-11-25T01:26:25.584+00:00 [heartbeat] started',
  ];
  expect(causeFromJournal(lines)).toBeNull();
  expect(causeFromJournal([])).toBeNull();
});

test('cause › a full disk', () => {
  const lines = [
    '2026-11-25T01:21:06.594+00:00 Gateway failed to start: Error: ENOSPC: no space left on device, write',
    ...failed,
  ];
  expect(causeFromJournal(lines)).toMatch(/ENOSPC|disk of the server is full/);
  expect(causeFromJournal(['[sqlite] ENOSPC while writing', ...failed])).toBe(
    'The disk of the server is full (no space left on device)',
  );
});

test('the last line of the gateway itself is without its time, and none of the service manager', () => {
  const lines = [
    'Started openclaw-gateway.service - OpenClaw Gateway.',
    '2026-11-25T01:17:43.808+00:00 bye',
    ...failed,
  ];
  expect(lastOwnLine(lines)).toBe('bye');
  expect(lastOwnLine(failed)).toBeNull();
});
