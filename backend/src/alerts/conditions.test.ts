// From the result of one check to conditions: type, severity, wording, and what stays undetermined.
import { type CronJob, defaultThresholds, type OpenclawStatus, type Thresholds } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { evaluate as evaluateBy, type ProbeResult, withoutOpenclaw } from './conditions.ts';

const now = Date.parse('2026-03-02T10:00:00.000Z');
const GIB = 1024 ** 3;
const evaluate = (result: ProbeResult, nowMs: number, thresholds: Partial<Thresholds> = {}) =>
  evaluateBy(result, { nowMs, thresholds: { ...defaultThresholds, ...thresholds }, memorySamples: [] });

type Changes = Omit<Partial<OpenclawStatus>, 'gateway' | 'service'> & {
  gateway?: Partial<OpenclawStatus['gateway']>;
  service?: Partial<OpenclawStatus['service']>;
};

const statusOf = ({ gateway, service, ...more }: Changes = {}): OpenclawStatus => ({
  installed: true,
  version: '2026.9.6',
  gateway: {
    ...{ state: 'running', ready: true, pid: 7, uptimeS: 900, port: 18_789 },
    ...{ bind: 'loopback', authMode: 'token', rssBytes: 1 },
    ...gateway,
  },
  service: {
    ...{ manager: 'systemd-user', unit: 'openclaw-gateway.service', activeState: 'active' },
    ...{ result: 'success', restarts: 0, startLimitHit: false },
    ...service,
  },
  channels: [],
  agents: 1,
  sessions: 1,
  update: { current: '2026.9.6', latest: null, behind: null },
  disk: { totalBytes: 40 * GIB, availableBytes: 30 * GIB },
  memory: { totalBytes: 4 * GIB, availableBytes: 2 * GIB },
  ...more,
});
type SeenResult = Extract<ProbeResult, { kind: 'seen' }>;
const seen = (changes: Changes = {}, more: Partial<SeenResult> = {}): ProbeResult => ({
  kind: 'seen',
  status: statusOf(changes),
  failure: null,
  channelsSeen: true,
  cronJobs: [],
  sessions: [],
  modelErrors: [],
  vitals: { skewMs: 0, inodes: { total: 1_000, free: 900 }, certificateEndsMs: null },
  signIns: [],
  ownUpdateFailure: null,
  configRevertedAt: null,
  ...more,
});
const activeIn = (result: ProbeResult) => evaluate(result, now).active;
const causes = (result: ProbeResult) => activeIn(result).map(({ type, cause }) => `${type}: ${cause}`);

test('a healthy server has no active condition, and all types are evaluated', () => {
  expect(evaluate(seen(), now)).toEqual({
    active: [],
    evaluated: expect.arrayContaining([
      ...['connection_failed', 'monitor_error', 'gateway_down', 'channel_down'],
      ...['disk_full', 'memory_high', 'cron_failed', 'config_reverted'],
      ...['token_overflow', 'api_errors'],
    ]),
    undetermined: [],
    over: [{ type: 'expiring', subject: 'certificate' }],
    certain: [],
  });
});

test('of many stopped channels, a hundred have a condition each, and one more counts the rest', () => {
  const stopped = Array.from({ length: 250 }, (_, index) => ({
    ...{ id: `c${index}`, account: 'a'.repeat(300), state: 'stopped' as const, error: null },
  }));
  const active = evaluate(seen({ channels: stopped }), now).active;
  expect(active).toHaveLength(101);
  expect(active.at(-1)).toMatchObject({
    ...{ type: 'channel_down', subject: '', cause: 'And 150 more channels are stopped or disconnected.' },
  });
  expect(Math.max(...active.map(({ subject }) => subject.length))).toBe(200);
});

describe('the connection', () => {
  test('that fails is critical, repeats the SSH error, and leaves other types unevaluated', () => {
    const result: ProbeResult = {
      kind: 'unreachable',
      message: 'h:22 does not answer.',
      hint: 'Check the port.',
    };
    expect(evaluate(result, now)).toEqual({
      active: [
        {
          ...{ type: 'connection_failed', subject: '', severity: 'critical' },
          ...{ cause: 'h:22 does not answer.', evidence: 'Check the port.' },
        },
      ],
      evaluated: ['connection_failed', 'monitor_error'],
      undetermined: [{ type: 'update_failed', subject: 'by-openclaw' }],
      certain: [],
    });
  });

  test('is not evaluated when the check itself failed', () => {
    const { active, evaluated } = evaluate(
      { kind: 'failed', message: 'it did not finish within 20 s.' },
      now,
    );
    expect(active).toMatchObject([
      {
        ...{ type: 'monitor_error', severity: 'warning' },
        cause: 'The check of this server failed: it did not finish within 20 s.',
      },
    ]);
    expect(evaluated).toEqual(['monitor_error']);
  });
});

describe('the gateway', () => {
  test.each<[Changes, string]>([
    [{ gateway: { state: 'stopped', ready: false } }, 'The gateway is stopped.'],
    [
      { gateway: { state: 'failed', ready: false }, service: { result: 'exit-code' } },
      'The gateway has failed. Its service ended with "exit-code".',
    ],
    [
      { gateway: { state: 'failed', ready: false }, service: { startLimitHit: true } },
      'The gateway has failed. systemd gave up after too many restarts.',
    ],
    [{ gateway: { state: 'running', ready: false } }, 'The gateway runs but is not ready.'],
  ])('%j is critical: %s', (changes, cause) => {
    expect(activeIn(seen(changes, { channelsSeen: false }))).toMatchObject([
      { type: 'gateway_down', subject: '', severity: 'critical', cause },
    ]);
  });

  test('that is down names the cause from its log, with its last line as evidence', () => {
    const failure = {
      cause: 'Port 18789 is already in use by pid 42.',
      lastLine: '[gateway] port is taken',
    };
    const service = { activeState: 'failed', result: 'exit-code', restarts: 5, startLimitHit: true };
    expect(
      activeIn(seen({ gateway: { state: 'failed', ready: false }, service }, { failure })),
    ).toMatchObject([
      {
        cause:
          'The gateway has failed. Port 18789 is already in use by pid 42. systemd gave up after too many restarts.',
        evidence: expect.stringMatching(/Restarts: 5\nLast line of its log: \[gateway\] port is taken$/),
      },
    ]);
    const crashed = { activeState: 'activating', result: 'exit-code', restarts: 0 };
    expect(
      causes(seen({ gateway: { state: 'starting', ready: false }, service: crashed }, { failure })),
    ).toEqual([
      'gateway_down: The gateway ended with an error. Port 18789 is already in use by pid 42. It is being started again.',
    ]);
  });

  test('whose unit goes on after the memory ran out is told to have been killed by that', () => {
    // As the log says with OOMPolicy=continue, which OpenClaw's unit has.
    const failure = { cause: 'The server ran out of memory, so the gateway was killed.', lastLine: null };
    const killed = { activeState: 'activating', result: 'signal', restarts: 0 };
    expect(
      causes(seen({ gateway: { state: 'starting', ready: false }, service: killed }, { failure })),
    ).toEqual([
      'gateway_down: The gateway was killed because the memory ran out. It is being started again.',
    ]);
  });

  test('that was killed is told so once, whatever the log says of it', () => {
    const failure = { cause: 'The gateway was killed (SIGKILL).', lastLine: null };
    const killed = { activeState: 'activating', result: 'signal', restarts: 0 };
    expect(
      causes(seen({ gateway: { state: 'starting', ready: false }, service: killed }, { failure })),
    ).toEqual(['gateway_down: The gateway was killed. It is being started again.']);
  });

  test('that something keeps from starting is down', () => {
    const failure = { cause: "Another program already listens on the gateway's port.", lastLine: null };
    const starting: Changes = { gateway: { state: 'starting', ready: false } };
    expect(causes(seen(starting, { failure }))).toEqual([
      "gateway_down: The gateway is starting. Another program already listens on the gateway's port.",
    ]);
    expect(causes(seen(starting, { failure: { cause: null, lastLine: 'loading' } }))).toEqual([]);
  });

  test('that is down has the state from systemd as evidence', () => {
    const service = { activeState: 'failed', result: 'oom-kill', restarts: 4 };
    expect(activeIn(seen({ gateway: { state: 'failed', ready: false }, service }))[0]?.evidence).toBe(
      'Unit: openclaw-gateway.service\nState: failed\nResult: oom-kill\nRestarts: 4',
    );
  });

  test.each<[string, Changes]>([
    ['starting', { gateway: { state: 'starting', ready: false } }],
    [
      'finishing its work before it stops',
      { gateway: { state: 'stopped', ready: false }, service: { activeState: 'deactivating' } },
    ],
  ])('that is %s is undetermined', (_what, changes) => {
    const { active, evaluated, undetermined, certain } = evaluate(seen(changes), now);
    expect(active).toEqual([]);
    expect(evaluated).not.toContain('gateway_down');
    expect(undetermined).toEqual([{ type: 'gateway_down', subject: '' }]);
    expect(certain).toEqual([]);
  });

  test.each([
    ['oom-kill', 'The gateway was killed because the memory ran out. It is being started again.'],
    ['signal', 'The gateway was killed. It is being started again.'],
    ['core-dump', 'The gateway crashed. It is being started again.'],
    ['exit-code', 'The gateway ended with an error. It is being started again.'],
    ['constructor', 'The gateway ended with an error. It is being started again.'],
  ])('that its service starts again after "%s" is certainly down: %s', (result, cause) => {
    const service = { activeState: 'activating', result };
    const { active, evaluated, certain } = evaluate(
      seen({ gateway: { state: 'starting', ready: false }, service }),
      now,
    );
    expect(active).toMatchObject([{ type: 'gateway_down', severity: 'critical', cause }]);
    expect(evaluated).toContain('gateway_down');
    expect(certain).toEqual(['gateway_down']);
  });

  test('that answers is not down, whatever was known of its service before', () => {
    const { active, evaluated } = evaluate(
      seen({ service: { activeState: 'activating', result: 'signal' } }),
      now,
    );
    expect(active).toEqual([]);
    expect(evaluated).toContain('gateway_down');
  });

  test('that a task of Buoy works on is undetermined, with all of OpenClaw, but not the host', () => {
    const stopped = seen({
      gateway: { state: 'stopped', ready: false },
      channels: [{ id: 'telegram', account: 'default', state: 'stopped', error: null }],
      disk: { totalBytes: 100, availableBytes: 1 },
    });
    const { active, evaluated, undetermined } = withoutOpenclaw(evaluate(stopped, now));
    expect(active.map(({ type }) => type)).toEqual(['disk_full']);
    expect(evaluated).toEqual([
      ...['connection_failed', 'monitor_error', 'disk_full', 'memory_high', 'clock_skew', 'expiring'],
    ]);
    expect(undetermined).toContainEqual({ type: 'gateway_down', subject: '' });
  });

  test('that does not answer leaves channels and jobs unevaluated, but not the host', () => {
    const { evaluated } = evaluate(
      seen({ gateway: { state: 'stopped', ready: false } }, { channelsSeen: false, cronJobs: null }),
      now,
    );
    expect(evaluated).not.toContain('channel_down');
    expect(evaluated).not.toContain('cron_failed');
    expect(evaluated).toEqual(expect.arrayContaining(['gateway_down', 'disk_full', 'memory_high']));
  });

  test('of a server without OpenClaw has no conditions and resolves earlier ones', () => {
    const { active, evaluated } = evaluate(
      seen({ installed: false, gateway: { state: 'not_installed', ready: false } }, { channelsSeen: false }),
      now,
    );
    expect(active).toEqual([]);
    expect(evaluated).toEqual(expect.arrayContaining(['connection_failed', 'gateway_down', 'channel_down']));
  });
});

test('each enabled channel that is stopped or disconnected is a warning of its own', () => {
  const result = seen({
    channels: [
      { id: 'telegram', account: 'default', state: 'disconnected', error: '401: Unauthorized' },
      { id: 'telegram', account: 'sales', state: 'stopped', error: null },
      { id: 'discord', account: 'default', state: 'connected', error: null },
      { id: 'slack', account: 'default', state: 'disabled', error: null },
      { id: 'signal', account: 'default', state: 'not_configured', error: null },
      { id: 'matrix', account: 'default', state: 'starting', error: null },
    ],
  });
  expect(evaluate(result, now)).toMatchObject({
    active: [
      {
        ...{ type: 'channel_down', subject: 'telegram/default', severity: 'warning' },
        ...{ cause: 'The channel "telegram" is disconnected.', evidence: '401: Unauthorized' },
      },
      {
        ...{ type: 'channel_down', subject: 'telegram/sales', severity: 'warning' },
        ...{ cause: 'The channel "telegram" (account "sales") is stopped.', evidence: '' },
      },
    ],
    undetermined: [{ type: 'channel_down', subject: 'matrix/default' }],
  });
});

describe('the host', () => {
  const full = (percent: number) => ({
    totalBytes: 100 * GIB,
    availableBytes: ((100 - percent) / 100) * 100 * GIB,
  });

  test.each([
    [84, []],
    [85, ['warning']],
    [94, ['warning']],
    [95, ['critical']],
    [100, ['critical']],
  ])('a disk that is %i %% full: %j', (percent, severities) => {
    expect(activeIn(seen({ disk: full(percent) })).map(({ severity }) => severity)).toEqual(severities);
  });

  test.each([
    [89, []],
    [90, ['warning']],
    [99, ['warning']],
  ])('memory that is used to %i %%: %j', (percent, severities) => {
    expect(activeIn(seen({ memory: full(percent) })).map(({ severity }) => severity)).toEqual(severities);
  });

  test('reports disk and memory in numbers', () => {
    const result = seen({
      disk: { totalBytes: 40 * GIB, availableBytes: 1.25 * GIB },
      memory: full(93),
    });
    expect(causes(result)).toEqual([
      'disk_full: The disk of the server is 96 % full.',
      "memory_high: 93 % of the server's memory is in use.",
    ]);
    expect(activeIn(result)[0]?.evidence).toBe('1.3 GiB of 40.0 GiB free.');
  });

  test('without disk and memory figures is not evaluated', () => {
    const { active, evaluated } = evaluate(seen({ disk: null, memory: null }), now);
    expect(active).toEqual([]);
    expect(evaluated).not.toContain('disk_full');
    expect(evaluated).not.toContain('memory_high');
  });
});

describe('scheduled jobs', () => {
  const job = (id: string, changes: Partial<CronJob> = {}): CronJob => ({
    ...{ id, name: `Job ${id}`, enabled: true, agentId: null, message: null, system: false },
    ...{ schedule: { kind: 'every', everyMs: 60_000 }, sessionTarget: 'isolated' },
    delivery: { mode: 'none', channel: null, to: null },
    ...{ nextRunAt: null, running: false },
    lastRun: {
      at: '2026-03-02T09:00:00.000Z',
      ...{ status: 'error', error: 'No API key for anthropic.', durationMs: 5 },
    },
    ...changes,
  });

  test('whose last run failed are warnings, each of its own', () => {
    expect(activeIn(seen({}, { cronJobs: [job('a'), job('b')] }))).toMatchObject([
      {
        ...{ type: 'cron_failed', subject: 'a', severity: 'warning' },
        cause: 'The scheduled job "Job a" failed.',
        evidence: 'Last run: 2026-03-02T09:00:00.000Z\nNo API key for anthropic.',
      },
      { type: 'cron_failed', subject: 'b' },
    ]);
  });

  test('that succeeded, never ran or are disabled are no conditions; a running one is undetermined', () => {
    const fine = { at: '2026-03-02T09:00:00.000Z', status: 'ok', error: null, durationMs: 1 } as const;
    const cronJobs = [
      job('fine', { lastRun: fine }),
      job('new', { lastRun: null }),
      job('off', { enabled: false }),
      job('again', { running: true }),
    ];
    const { active, undetermined } = evaluate(seen({}, { cronJobs }), now);
    expect(active).toEqual([]);
    expect(undetermined).toEqual([{ type: 'cron_failed', subject: 'again' }]);
  });
});

test.each([
  ['2026-03-02T09:59:00.000Z', 1],
  ['2026-03-01T10:00:00.001Z', 1],
  ['2026-03-01T10:00:00.000Z', 0],
])(
  'a config that OpenClaw restored at %s and nobody has changed since is a warning for a day: %i',
  (at, count) => {
    const reverted = activeIn(seen({}, { configRevertedAt: at }));
    expect(reverted.map(({ type, severity }) => [type, severity])).toEqual(
      Array(count).fill(['config_reverted', 'warning']),
    );
  },
);

test('text from servers is stored redacted and limited in length', () => {
  const error = `Call to https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe failed ${'x'.repeat(5_000)}`;
  const [condition] = activeIn(
    seen({ channels: [{ id: 'telegram', account: 'default', state: 'disconnected', error }] }),
  );
  expect(condition?.evidence).toHaveLength(1_000);
  expect(condition?.evidence).not.toContain('AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw');
});

describe("OpenClaw's update of itself", () => {
  const ownUpdateFailure = { version: '2026.9.6', reason: 'no space', at: '2026-03-01T09:00:00.000Z' };

  test('that failed is critical while an older version runs', () => {
    const older = seen({ version: '2026.7.35' }, { ownUpdateFailure });
    expect(causes(older)).toEqual([
      "update_failed: OpenClaw's update of itself to 2026.9.6 failed: no space.",
    ]);
  });

  test('that failed is over when that version, or a later one, runs', () => {
    for (const version of ['2026.9.6', '2026.10.1'])
      expect(causes(seen({ version }, { ownUpdateFailure }))).toEqual([]);
  });
});
