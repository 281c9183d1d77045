// Exact output of the alerts commands for alerts of all states.
import type { Alert, EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, type ScriptedAnswer, type ScriptedCall, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

const down: Alert = {
  ...{ id: 'alr_down', serverId: 'srv_1', type: 'gateway_down', severity: 'critical', status: 'firing' },
  ...{ cause: 'The gateway does not run.', evidence: 'openclaw-gateway: failed\nexit code 1', count: 2 },
  ...{ firstAt: at, lastAt: at, resolvedAt: null, snoozedUntil: null, readAt: null, noteCount: 0 },
  autoRepair: null,
};
const full: Alert = {
  ...{ ...down, id: 'alr_full', serverId: 'srv_gone', type: 'disk_full', severity: 'warning' },
  ...{ status: 'snoozed', cause: 'The disk is 91 % full.', evidence: '', readAt: at },
  snoozedUntil: '2026-03-01T18:00:00.000Z',
};
const over: Alert = { ...down, id: 'alr_over', status: 'resolved', resolvedAt: at };

/** Runs a command with the API answers, in addition to the list of servers. */
async function buoy(
  line: string,
  answers: Partial<Record<EndpointKey, (call: ScriptedCall, path: string) => ScriptedAnswer>>,
  own: Partial<Terminal> = {},
) {
  const { fetch, calls } = scriptedBuoy((key, made, call) => {
    if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    const answer = answers[key];
    if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
    return answer(call, made.at(-1) ?? '');
  });
  const ran = await cli.buoy(line.split(' '), {
    fetch,
    now: () => Date.parse('2026-03-01T10:05:00Z'),
    ...own,
  });
  return { ...ran, calls };
}
const page = (alerts: Alert[], nextCursor: string | null = null): ScriptedAnswer => ({
  body: { alerts, nextCursor, unread: 1 },
});

test('alerts list marks unread alerts, and shows the id of a server the caller no longer has access to', async () => {
  expect(await buoy('alerts list', { 'GET /alerts': () => page([down, full, over]) })).toMatchObject({
    exit: 0,
    out: lines(
      'ALERT     SERVER    SEVERITY  STATUS    BEGAN      NEW  WHAT',
      'alr_down  web       critical  firing    5 min ago  *    The gateway does not run.',
      'alr_full  srv_gone  warning   snoozed   5 min ago  -    The disk is 91 % full.',
      'alr_over  web       critical  resolved  5 min ago  *    The gateway does not run.',
    ),
    err: '',
  });
});

test('alerts list fits the terminal', async () => {
  expect(
    (await buoy('alerts list', { 'GET /alerts': () => page([down, full]) }, { isTty: true, columns: 72 }))
      .out,
  ).toBe(
    lines(
      'ALERT     SERVER    SEVERITY  STATUS   BEGAN      NEW',
      'alr_down  web       critical  firing   5 min ago  *',
      '  WHAT: The gateway does not run.',
      'alr_full  srv_gone  warning   snoozed  5 min ago  -',
      '  WHAT: The disk is 91 % full.',
    ),
  );
});

test('alerts list --watch refreshes until Ctrl-C', async () => {
  const interrupted = new AbortController();
  const pages = [page([down]), page([])];
  const { exit, out, err } = await buoy(
    'alerts list --watch --unread',
    { 'GET /alerts': () => pages.shift() ?? page([]) },
    {
      signal: interrupted.signal,
      async pause() {
        if (pages.length === 0) interrupted.abort();
      },
    },
  );
  expect({ exit, out, err }).toEqual({
    exit: 130,
    out: lines(
      'ALERT     SERVER  SEVERITY  STATUS  BEGAN      NEW  WHAT',
      'alr_down  web     critical  firing  5 min ago  *    The gateway does not run.',
    ),
    err: 'No unread alerts.\n',
  });
});

test('alerts list sends its filters and notes further matches; --json prints the answer unchanged', async () => {
  const asked: unknown[] = [];
  const answers = {
    'GET /alerts': ({ query }: ScriptedCall) => {
      asked.push(query);
      return page([down], 'next');
    },
  };
  const { err } = await buoy('alerts list --server web --status firing --unread --limit 1', answers);
  expect(err).toBe('More alerts match: use --limit, --server or --status.\n');
  const { out } = await buoy('alerts list --json', answers);
  expect(JSON.parse(out)).toEqual({ alerts: [down], nextCursor: 'next', unread: 1 });
  expect(asked).toEqual([
    { serverId: 'srv_1', status: 'firing', unread: 'true', limit: 1 },
    { unread: 'false', limit: 50 },
  ]);
});

test('alerts read --all marks the unread alerts of all pages', async () => {
  const read = await buoy('alerts read --all', {
    'GET /alerts': ({ query }) =>
      (query as { cursor?: string }).cursor === undefined ? page([down], 'next') : page([over]),
    'POST /alerts/:id/read': (_, path) => ({
      body: { alert: { ...(path.includes(down.id) ? down : over), readAt: at } },
    }),
  });
  expect(read).toMatchObject({
    exit: 0,
    out: lines(
      'Marked as read on web: The gateway does not run.',
      'Marked as read on web: The gateway does not run.',
    ),
    err: '',
  });
  expect(read.calls.filter((call) => call.startsWith('POST '))).toEqual([
    'POST /alerts/alr_down/read',
    'POST /alerts/alr_over/read',
  ]);
});

test('alerts read takes options after the ids', async () => {
  const { exit, out } = await buoy('alerts read alr_over --json', {
    'GET /alerts': () => page([]),
    'POST /alerts/:id/read': () => ({ body: { alert: { ...over, readAt: at } } }),
  });
  expect({ exit, answer: JSON.parse(out) }).toEqual({
    exit: 0,
    answer: { alerts: [{ ...over, readAt: at }] },
  });
});

test('alerts snooze sends the duration of --for in minutes', async () => {
  const bodies: unknown[] = [];
  const { out } = await buoy('alerts snooze alr_f --for 8h', {
    'GET /alerts': () => page([down, full]),
    'POST /alerts/:id/snooze': ({ body }) => {
      bodies.push(body);
      return { body: { alert: full } };
    },
  });
  expect(bodies).toEqual([{ minutes: 480 }]);
  expect(out).toBe('Snoozed on srv_gone until 2026-03-01T18:00:00.000Z: The disk is 91 % full.\n');
});

test('alerts ack of a resolved alert fails with the message of the API', async () => {
  const { exit, err } = await buoy('alerts ack alr_over', {
    'GET /alerts': () => page([down, over], 'never asked for'),
    'POST /alerts/:id/ack': () => ({
      status: 409,
      body: {
        ...{ error: 'This alert is resolved.', code: 'conflict', requestId: 'req_1' },
        hint: 'If the problem returns, Buoy opens a new alert.',
      },
    }),
  });
  expect({ exit, err }).toEqual({
    exit: 1,
    err: lines(
      'buoy: This alert is resolved.',
      '  If the problem returns, Buoy opens a new alert.',
      '  Request id: req_1',
    ),
  });
});

test('servers check prints the state with its reasons, and the open alerts with their evidence', async () => {
  const status = { ...server.status, state: 'down' as const, reasons: ['The gateway does not run.'] };
  const checked = (alerts: Alert[]) => ({
    'POST /servers/:id/check': () => ({ body: { server: { ...server, status }, alerts } }),
  });
  expect(await buoy('servers check web', checked([down, { ...full, serverId: 'srv_1' }]))).toMatchObject({
    exit: 1,
    out: lines(
      'State:    down',
      'Why:      The gateway does not run.',
      'Checked:  5 min ago',
      'critical: The gateway does not run.',
      '  openclaw-gateway: failed',
      '  exit code 1',
      '  alr_down: firing, began 5 min ago',
      'warning: The disk is 91 % full.',
      '  alr_full: snoozed until 2026-03-01T18:00:00.000Z, began 5 min ago',
    ),
    err: 'Acknowledge: buoy alerts ack ALERT; snooze: buoy alerts snooze ALERT --for 8h\n',
  });
  expect(await buoy('servers check web', checked([full]))).toMatchObject({ exit: 0, err: '' });
  expect(await buoy('servers check web', checked([]))).toMatchObject({
    exit: 0,
    err: 'No open alerts on web.\n',
  });
});

test('servers history shows the availability and a line for each hour, and says when nothing finer is kept', async () => {
  const point = {
    ...{ at: '2026-03-01T09:00:00.000Z', state: 'down', upShare: 0.9199, latencyMs: 1_234 },
    ...{ diskUsedShare: 0.5, memoryUsedShare: null, gatewayRssBytes: 838_860_800, sessions: 3 },
    ...{ tokens: 12_345, costUsd: 0.5 },
  };
  const unseen = {
    ...{ at: '2026-03-01T10:00:00.000Z', state: 'unreachable', upShare: 0, latencyMs: null },
    ...{ diskUsedShare: null, gatewayRssBytes: null, sessions: null, tokens: null, costUsd: null },
    memoryUsedShare: null,
  };
  const answer = { points: [point, unseen], availability: { h24: 0.99999, d7: 1, d90: null } };
  const queries: unknown[] = [];
  const { exit, out, err } = await buoy('servers history web --since 30d', {
    'GET /servers/:id/history': ({ query }) => {
      queries.push(query);
      return { body: { ...answer, step: 'day' } };
    },
  });
  expect([exit, err]).toEqual([0, expect.stringContaining('By the day')]);
  expect(out).toMatch(/Up in 24 h: +99\.99 %\nUp in 7 d: +100 %\nUp in 90 d: +-\n/);
  expect(out).toMatch(/2026-03-01 +down +91\.99 % +1,234 ms +50 % +- +800 MiB +3 +12,345 +\$0\.5000/);
  expect(out).toMatch(/2026-03-01 +unreachable +0 % +- +- +- +- +- +- +-/);
  expect(queries).toEqual([{ step: 'hour', from: '2026-01-30T10:05:00.000Z' }]);
  const hours = await buoy('servers history web', {
    'GET /servers/:id/history': () => ({ body: { ...answer, step: 'hour' } }),
  });
  expect(hours.out).toContain('2026-03-01 09:00Z');
});

test('servers history asks for the time of --from and --to, and refuses --from with --since', async () => {
  const queries: unknown[] = [];
  const answers = {
    'GET /servers/:id/history': ({ query }: ScriptedCall) => {
      queries.push(query);
      return { body: { step: 'raw', points: [], availability: { h24: null, d7: null, d90: null } } };
    },
  };
  await buoy('servers history web --from 2026-03-01 --to 2026-03-01T06:00:00Z --step raw', answers);
  expect(queries).toEqual([
    { step: 'raw', from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T06:00:00.000Z' },
  ]);
  const both = await buoy('servers history web --from 2026-03-01 --since 2d', answers);
  expect(both).toMatchObject({
    exit: 2,
    err: expect.stringContaining('--from and --since do not go together'),
  });
  const wrong = await buoy('servers history web --to never', answers);
  expect(wrong).toMatchObject({
    exit: 2,
    err: expect.stringContaining('--to takes a date or a time, not "never"'),
  });
  expect(queries).toHaveLength(1);
});

test('servers history draws lines of bars on a terminal, with a space where a value was not seen', async () => {
  const point = (hour: number, latencyMs: number | null) => ({
    ...{ at: `2026-03-01T0${hour}:00:00.000Z`, state: 'up', upShare: 1, latencyMs, diskUsedShare: 0.5 },
    ...{ memoryUsedShare: null, gatewayRssBytes: null, sessions: null, tokens: null, costUsd: null },
  });
  const points = [point(1, 100), point(2, null), point(3, 200)];
  const answers = {
    'GET /servers/:id/history': () => ({
      body: { step: 'hour', points, availability: { h24: 1, d7: 1, d90: 1 } },
    }),
  };
  const shown = await buoy('servers history web', answers, { isTty: true });
  expect(shown.out).toMatch(/Up: +███\nAnswer: +▅ █\nDisk: +▅▅▅\n/);
  expect(shown.out).not.toContain('Memory:');
  expect((await buoy('servers history web', answers)).out).not.toMatch(/[▁-█]/);
});
