// One check: a problem that is gone when it is probed again raises no alert, one that stays does, and unseen conditions keep their state.
import { defaultThresholds, type OpenclawStatus, type Thresholds } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import type { AlertRow } from '../alerts/alerts.store.ts';
import type { Evaluation, ProbeResult } from '../alerts/conditions.ts';
import type { FailedUpdate } from '../alerts/update-failed.ts';
import { createSignal, type Signal } from '../lib/signal.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createCheckServer } from './check-server.ts';

const unreachable: ProbeResult = { kind: 'unreachable', message: 'h:22 does not answer.', hint: null };
const GIB = 1024 ** 3;
/** A server whose gateway is in that state, with so much of its disk used. */
const seen = (
  state: OpenclawStatus['gateway']['state'],
  usedPercent = 10,
  service: Partial<OpenclawStatus['service']> = {},
): ProbeResult => ({
  kind: 'seen',
  failure: null,
  channelsSeen: state === 'running',
  cronJobs: null,
  ...{ sessions: null, modelErrors: null, ownUpdateFailure: null, vitals: null, signIns: null },
  configRevertedAt: null,
  status: {
    ...{ installed: true, version: null, channels: [], agents: null, sessions: null, memory: null },
    gateway: {
      ...{ state, ready: state === 'running', pid: null, uptimeS: null, port: null },
      ...{ bind: null, authMode: null, rssBytes: null },
    },
    service: {
      ...{ manager: 'none', unit: null, activeState: null, result: null },
      ...{ restarts: null, startLimitHit: false },
      ...service,
    },
    update: { current: null, latest: null, behind: null },
    disk: { totalBytes: 100 * GIB, availableBytes: (100 - usedPercent) * GIB },
  },
});

let clock: FakeClock;
let results: Array<ProbeResult | null>;
let open: string[];
let written: Evaluation[];
/** What the history got, and whether it fails. */
let kept: string[];
let storesNoHistory: boolean;
/** Whether a task works on OpenClaw. */
let isServiced: boolean;
let thresholds: Partial<Thresholds>;
let failedUpdates: FailedUpdate[];
/** What storing changes, instead of opening what is active. */
let changes: { opened: AlertRow[]; resolved: AlertRow[] } | null;
let log: ReturnType<typeof createRecordingLogger>;
const ending = () => new AbortController();

beforeEach(() => {
  clock = createFakeClock();
  results = [];
  open = [];
  written = [];
  kept = [];
  storesNoHistory = false;
  thresholds = {};
  isServiced = false;
  failedUpdates = [];
  changes = null;
  log = createRecordingLogger();
});

const start = (options: { atOnce?: boolean; signal?: AbortSignal; event?: Signal } = {}) => {
  const check = createCheckServer({
    probe: async () => {
      const next = results.shift();
      return next === undefined ? expect.unreachable() : next;
    },
    alerts: {
      openTopics: async () => (topic) => open.includes(topic.type),
      async record(_serverId, evaluation) {
        written.push(evaluation);
        if (changes !== null) return changes;
        const rows = evaluation.active.filter(({ type }) => !open.includes(type));
        return { opened: rows.map((one) => ({ ...one, id: 'alr_1' }) as unknown as AlertRow), resolved: [] };
      },
    },
    history: {
      async record(_serverId, result) {
        if (storesNoHistory) throw new Error('disk full');
        kept.push(result.kind);
      },
      async gatewayMemory() {
        if (storesNoHistory) throw new Error('disk full');
        return [];
      },
    },
    thresholds: { ofServer: async () => ({ ...defaultThresholds, ...thresholds }) },
    isServiced: async () => isServiced,
    failedUpdates: async () => failedUpdates,
    clock,
    logger: log.logger,
  });
  return check('srv_1', { atOnce: false, signal: ending().signal, ...options });
};
const settled = () => new Promise((resolve) => setImmediate(resolve));
const holding = () => written.map(({ active }) => active.map(({ type }) => type));

test('probes a healthy server once', async () => {
  results = [seen('running')];
  await start();
  expect(holding()).toEqual([[]]);
});

test('uses the thresholds of the server', async () => {
  thresholds = { diskWarnShare: 0.5 };
  results = [seen('running', 60)];
  await start({ atOnce: true });
  expect(holding()).toEqual([['disk_full']]);
});

test.each([
  ['an outage', 3_000, seen('stopped'), 'gateway_down'],
  ['any other problem', 20_000, seen('running', 90), 'disk_full'],
])(
  'probes %s again after %i ms and fires an alert when it still holds',
  async (_what, afterMs, result, type) => {
    results = [result, result];
    const checked = start();
    await settled();
    clock.pass(afterMs - 1);
    await settled();
    expect(holding()).toEqual([[]]);
    clock.pass(1);
    await checked;
    expect(holding()).toEqual([[], [type]]);
    expect(log.text()).toContain('alerts fire');
  },
);

test('keeps what each probe saw, and fires alerts even where that cannot be kept', async () => {
  results = [unreachable, seen('running')];
  const checked = start();
  await settled();
  clock.pass(3_000);
  await checked;
  expect(kept).toEqual(['unreachable', 'seen']);
  storesNoHistory = true;
  results = [seen('stopped')];
  await start({ atOnce: true });
  expect(holding().at(-1)).toEqual(['gateway_down']);
  expect(log.text()).toContain('disk full');
});

test('tells an outage before it has confirmed the rest', async () => {
  results = [seen('stopped', 90), seen('stopped', 90), seen('stopped', 90)];
  const checked = start();
  await settled();
  clock.pass(3_000);
  await settled();
  expect(holding()).toEqual([[], ['gateway_down']]);
  clock.pass(17_000);
  await checked;
  expect(holding().at(-1)).toEqual(['gateway_down', 'disk_full']);
});

test('fires after one probe when the service manager says that the gateway was killed', async () => {
  results = [seen('starting', 10, { activeState: 'activating', result: 'signal' })];
  await start();
  expect(holding()).toEqual([['gateway_down']]);
  expect(written[0]?.active[0]?.cause).toBe('The gateway was killed. It is being started again.');
});

test('says nothing of a gateway that a task has stopped, and asks to be repeated', async () => {
  isServiced = true;
  results = [seen('stopped')];
  expect(await start()).toEqual({ isSettled: false });
  expect(holding()).toEqual([[]]);
  expect(written[0]?.evaluated).not.toContain('gateway_down');
});

test.each([
  ['starts', seen('starting'), false],
  ['finishes its work before it stops', seen('stopped', 10, { activeState: 'deactivating' }), false],
  ['runs', seen('running'), true],
])('is settled or not when a gateway %s', async (_what, result, isSettled) => {
  results = [result];
  expect(await start()).toEqual({ isSettled });
  expect(holding()).toEqual([[]]);
});

test.each([
  ['a gateway that restarted', seen('stopped'), seen('running')],
  ['a gateway that is starting by then', seen('stopped'), seen('starting')],
  ['a network that was away for a moment', unreachable, seen('running')],
])('raises no alert for %s', async (_what, first, second) => {
  results = [first, second];
  const checked = start();
  await settled();
  clock.pass(3_000);
  await checked;
  expect(holding()).toEqual([[], []]);
});

test('does not end an alert that another check has fired for a problem that this one doubts', async () => {
  results = [seen('stopped'), seen('running')];
  const checked = start();
  await settled();
  expect(written).toMatchObject([
    { active: [], undetermined: expect.arrayContaining([{ type: 'gateway_down', subject: '' }]) },
  ]);
  clock.pass(3_000);
  await checked;
});

test('tells that an outage is over while it waits to confirm another problem', async () => {
  open = ['gateway_down'];
  results = [seen('starting', 90), seen('running', 90), seen('running', 90)];
  const checked = start();
  await settled();
  expect(written[0]?.evaluated).not.toContain('gateway_down');
  clock.pass(5_000);
  await settled();
  expect(holding().at(-1)).toEqual([]);
  expect(written.at(-1)?.evaluated).toContain('gateway_down');
  clock.pass(15_000);
  await checked;
  expect(holding().at(-1)).toEqual(['disk_full']);
});

test('probes again when something happens meanwhile, 5 s after the last probe', async () => {
  const stop = ending();
  const event = createSignal(clock, stop.signal);
  open = ['gateway_down'];
  results = [seen('stopped', 90), seen('running', 90), seen('running', 90)];
  const checked = start({ event });
  await settled();
  clock.pass(2_000);
  event.notify();
  await settled();
  expect(holding().at(-1)).toEqual(['gateway_down']);
  clock.pass(3_000);
  await settled();
  expect(holding().at(-1)).toEqual([]);
  clock.pass(15_000);
  await checked;
  expect(holding().at(-1)).toEqual(['disk_full']);
});

test('raises no alert for a problem that only the second probe sees, until another probe confirms it', async () => {
  results = [unreachable, seen('stopped')];
  const checked = start();
  await settled();
  clock.pass(3_000);
  await checked;
  expect(holding()).toEqual([[], []]);
  // Therefore a condition that the second probe could not see does not count as over.
  expect(written[1]?.evaluated).not.toContain('channel_down');
});

test('skips the second probe when all problems have open alerts or are over', async () => {
  open = ['gateway_down', 'disk_full'];
  results = [seen('stopped')];
  await start();
  expect(holding()).toEqual([['gateway_down']]);
  expect(written[0]?.evaluated).toContain('disk_full');
});

test('keeps an open alert active while a new problem is probed again', async () => {
  open = ['gateway_down'];
  results = [seen('stopped', 90), seen('stopped', 10)];
  const checked = start();
  await settled();
  clock.pass(20_000);
  await checked;
  expect(holding()).toEqual([['gateway_down'], ['gateway_down']]);
});

test('fires after one probe when a person asked for the check', async () => {
  results = [seen('stopped')];
  await start({ atOnce: true });
  expect(holding()).toEqual([['gateway_down']]);
});

test('writes nothing for a server deleted before or between the probes', async () => {
  results = [null];
  await start();
  expect(written).toEqual([]);
  results = [unreachable, null];
  const checked = start();
  await settled();
  const before = written.length;
  clock.pass(3_000);
  await checked;
  expect(written).toHaveLength(before);
});

test('ends without a write when Buoy stops between two probes', async () => {
  const stop = ending();
  results = [seen('stopped')];
  const checked = start({ signal: stop.signal });
  await settled();
  const before = written.length;
  stop.abort(new Error('stopping'));
  await expect(checked).rejects.toThrow('stopping');
  clock.pass(60_000);
  expect(written).toHaveLength(before);
});

test('writes at most two short lines of log for the two hundred alerts that a server makes begin and end', async () => {
  results = [seen('running')];
  const rows = (kind: string) =>
    Array.from({ length: 200 }, (_, index) => ({
      ...{ id: `alr_${kind}_${index}`, type: 'channel_down', subject: `${kind} ${index}` },
      ...{ severity: 'warning', cause: 'x'.repeat(500) },
    })) as unknown as AlertRow[];
  changes = { opened: rows('new'), resolved: rows('old') };
  await start();
  expect(log.text().split('\n').length).toBeLessThanOrEqual(2);
  expect(log.text().length).toBeLessThan(4_096);
  expect(log.text()).toContain('"count":200');
  expect(log.text()).toContain('new 0');
  expect(log.text()).toContain('old 0');
});

test('fires the alert of a failed update at once, also while the server does not answer', async () => {
  failedUpdates = [
    {
      ...{ component: 'openclaw', taskId: 'tsk_1', message: 'The new version did not start.', hint: null },
      ...{ left: 'rolled_back', at: null },
    },
  ];
  open = ['connection_failed'];
  results = [unreachable];
  await start();
  expect(holding()).toEqual([['connection_failed', 'update_failed']]);
});
