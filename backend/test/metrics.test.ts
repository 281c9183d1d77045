// GET /metrics: who may read it, that Prometheus can parse it, that it counts what happened and names nobody.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelText, parseExposition, valuesOf } from './support/exposition.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const OWNER = 700;
const OTHER = 701;

let running: TestBuoy;
let superToken: string;
let owner: string;
let serverId: string;

beforeAll(async () => {
  running = await startTestBuoy();
  superToken = await running.signIn(SUPER_ID);
  owner = await running.signIn(OWNER);
  const created = await running.call('POST', '/servers', {
    token: owner,
    body: {
      name: 'secret-name',
      host: '127.0.0.1',
      port: 1,
      username: 'somebody',
      authType: 'password',
      password: 'x',
    },
  });
  serverId = created.json().server.id;
});
afterAll(() => running.close());

const scrape = async (token: string = superToken) => {
  const response = await running.call('GET', '/metrics', { token });
  expect(response.statusCode).toBe(200);
  return parseExposition(response.payload);
};

/** A task that ends. */
const cancelledRestart = async (): Promise<void> => {
  const started = await running.call('POST', `/servers/${serverId}/openclaw/restart`, { token: owner });
  const { id } = started.json().task;
  await running.call('POST', `/tasks/${id}/cancel`, { token: owner });
  // The stream of a task ends with it.
  await running.call('GET', `/tasks/${id}/events`, { token: owner });
};

/** What `act` added to the samples of `name`, without the unchanged ones. */
const growth = async (names: string[], act: () => Promise<unknown>) => {
  const before = await scrape();
  await act();
  const after = await scrape();
  const grown: Record<string, number> = {};
  for (const name of names)
    for (const [labels, value] of valuesOf(after, name)) {
      const by = value - (valuesOf(before, name).get(labels) ?? 0);
      if (by !== 0) grown[`${name}${labels}`] = by;
    }
  return grown;
};

describe('who may read the metrics', () => {
  test('returns 401 without a sign-in', async () => {
    expect((await running.call('GET', '/metrics')).statusCode).toBe(401);
  });

  test('returns 403 for a person who is not a super-admin', async () => {
    expect((await running.call('GET', '/metrics', { token: owner })).statusCode).toBe(403);
  });

  test('returns 200 in the format of Prometheus for a super-admin, with caching forbidden', async () => {
    const response = await running.call('GET', '/metrics', { token: superToken });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('returns 200 with an API token of scope "metrics", which allows nothing else; 403 with scope "read"', async () => {
    const tokenOf = async (scopes: string[]): Promise<string> => {
      const made = await running.call('POST', '/me/tokens', {
        token: superToken,
        body: { name: scopes.join(), scopes },
      });
      expect(made.statusCode).toBe(201);
      return made.json().token.secret;
    };
    const metrics = await tokenOf(['metrics']);
    await scrape(metrics);
    for (const path of ['/servers', '/admin/health/detailed', '/admin/users'])
      expect((await running.call('GET', path, { token: metrics })).statusCode).toBe(403);
    const read = await tokenOf(['read']);
    expect((await running.call('GET', '/metrics', { token: read })).statusCode).toBe(403);
  });
});

describe('strict parser of the exposition format', () => {
  const head = '# HELP a A.\n# TYPE a counter\n';
  const bucket = (le: string, value: number) => `h_bucket{le="${le}"} ${value}\n`;
  const histogram = (...buckets: string[]) =>
    `# HELP h H.\n# TYPE h histogram\n${buckets.join('')}h_sum 1\nh_count 2\n`;

  test('accepts what Prometheus accepts', () => {
    expect(valuesOf(parseExposition(`${head}a{b="x\\"y\\\\",c="\\n"} 1.5e3\n`), 'a')).toEqual(
      new Map([[labelText({ b: 'x"y\\', c: '\n' }), 1500]]),
    );
    parseExposition(histogram(bucket('0.1', 1), bucket('1', 1), bucket('+Inf', 2)));
  });

  test.each([
    ['a sample without HELP and TYPE', 'a 1\n'],
    ['a sample of another family', `${head}b 1\n`],
    ['the same sample twice', `${head}a{b="1",c="2"} 1\na{c="2",b="1"} 1\n`],
    ['a family twice', `${head}a 1\n${head}`],
    ['TYPE of another metric than HELP', '# HELP a A.\n# TYPE b counter\n'],
    ['a label that is not quoted', `${head}a{b=1} 1\n`],
    ['a quote that is not escaped', `${head}a{b="x"y"} 1\n`],
    ['a label twice', `${head}a{b="1",b="2"} 1\n`],
    ['an invalid value', `${head}a undefined\n`],
    ['a counter below zero', `${head}a -1\n`],
    ['a truncated last line', `${head}a 1`],
    ['buckets that shrink', histogram(bucket('0.1', 2), bucket('1', 1), bucket('+Inf', 2))],
    ['buckets in disorder', histogram(bucket('1', 1), bucket('0.1', 1), bucket('+Inf', 2))],
    ['a last bucket below the count', histogram(bucket('1', 1), bucket('+Inf', 1))],
    ['a missing +Inf bucket', histogram(bucket('1', 2))],
  ])('refuses %s', (_what, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});

describe('a scrape', () => {
  test("is valid and holds every documented family with Buoy's prefix", async () => {
    const families = await scrape();
    expect([...families.keys()].filter((name) => !name.startsWith('buoy_'))).toEqual([]);
    for (const [name, type] of Object.entries({
      buoy_build_info: 'gauge',
      buoy_http_requests_total: 'counter',
      buoy_http_request_duration_seconds: 'histogram',
      buoy_denied_calls_total: 'counter',
      buoy_sign_ins_total: 'counter',
      buoy_ssh_calls_total: 'counter',
      buoy_ssh_call_duration_seconds: 'histogram',
      buoy_ssh_connects_total: 'counter',
      buoy_ssh_connections_open: 'gauge',
      buoy_ssh_channels_in_use: 'gauge',
      buoy_ssh_calls_queued: 'gauge',
      buoy_ssh_circuits_open: 'gauge',
      buoy_gateway_calls_total: 'counter',
      buoy_gateway_call_duration_seconds: 'histogram',
      buoy_gateway_connections_open: 'gauge',
      buoy_tasks_queued: 'gauge',
      buoy_tasks_running: 'gauge',
      buoy_tasks_finished_total: 'counter',
      buoy_task_duration_seconds: 'histogram',
      buoy_servers: 'gauge',
      buoy_servers_stale: 'gauge',
      buoy_alerts_open: 'gauge',
      buoy_monitor_last_round_timestamp_seconds: 'gauge',
      buoy_monitor_last_round_duration_seconds: 'gauge',
      buoy_monitor_lag_seconds: 'gauge',
      buoy_notifications_waiting: 'gauge',
      buoy_notification_channels: 'gauge',
      buoy_database_size_bytes: 'gauge',
      buoy_backup_last_success_timestamp_seconds: 'gauge',
      buoy_backup_last_size_bytes: 'gauge',
      buoy_backup_failures_total: 'counter',
      buoy_nodejs_eventloop_lag_p99_seconds: 'gauge',
      buoy_process_cpu_seconds_total: 'counter',
      buoy_process_resident_memory_bytes: 'gauge',
    }))
      expect([name, families.get(name)?.type]).toEqual([name, type]);
    expect(valuesOf(families, 'buoy_build_info')).toEqual(
      new Map([[`{node="${process.version}",version="0.0.0-test"}`, 1]]),
    );
  });

  test('holds exactly the metrics that the documentation explains', async () => {
    const page = await readFile(path.resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
    const explained = [...page.matchAll(/^\| (`buoy_[^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(buoy_\w+)`/g)].map(([, name]) => name),
    );
    const shown = [...(await scrape()).keys()].filter((name) => !/^buoy_(process|nodejs)_/.test(name));
    expect(shown.sort()).toEqual(explained.sort());
  });

  test('shows every collector as up', async () => {
    const up = valuesOf(await scrape(), 'buoy_collector_up');
    expect([...up.keys()]).toEqual(
      expect.arrayContaining(['ssh', 'servers', 'tasks'].map((collector) => labelText({ collector }))),
    );
    expect(new Set(up.values())).toEqual(new Set([1]));
  });

  test('names no server, person, address or path that a caller typed', async () => {
    await running.call('GET', `/servers/${serverId}`, { token: owner });
    await running.call('POST', `/servers/${serverId}/exec`, {
      token: owner,
      body: { command: 'typed-words' },
    });
    await cancelledRestart();
    await running.call('GET', '/typed/path', { token: owner });
    await running.call('GET', '/tasks?status=running&cursor=typed-cursor', { token: owner });
    const families = await scrape();
    const values = [...families.values()].flatMap(({ samples }) =>
      samples.flatMap(({ labels }) => Object.values(labels)),
    );
    expect(values.length).toBeGreaterThan(100);
    const said = values.join('\n');
    for (const forbidden of [
      serverId,
      'srv_',
      'tsk_',
      'tok_',
      'ses_',
      'secret-name',
      'somebody',
      '127.0.0.1',
    ])
      expect(said).not.toContain(forbidden);
    for (const forbidden of [String(OWNER), 'typed', '/api/']) expect(said).not.toContain(forbidden);
  });
});

describe('metric counters', () => {
  const requests = 'buoy_http_requests_total';
  const durations = 'buoy_http_request_duration_seconds_count';
  /** The second scrape counts the first one. */
  const ownScrape = (name: string) => ({
    [`${name}${labelText({ method: 'GET', route: '/metrics', status: '200' })}`]: 1,
  });

  test('grow by exactly the calls that were made, by template and status', async () => {
    const grown = await growth([requests, durations], async () => {
      for (let time = 0; time < 7; time += 1)
        await running.call('GET', `/servers/${serverId}`, { token: owner });
      await running.call('GET', '/servers/srv_none', { token: owner });
      await running.call('GET', '/health');
      await running.call('PUT', `/servers/${serverId}`, { token: owner, body: { nonsense: true } });
      for (const path of ['/a', '/b', '/servers/x/y/z']) await running.call('GET', path, { token: owner });
    });
    const expected = (name: string) => ({
      ...ownScrape(name),
      [`${name}${labelText({ method: 'GET', route: '/servers/:id', status: '200' })}`]: 7,
      [`${name}${labelText({ method: 'GET', route: '/servers/:id', status: '404' })}`]: 1,
      [`${name}${labelText({ method: 'GET', route: '/health', status: '200' })}`]: 1,
      [`${name}${labelText({ method: 'PUT', route: '/servers/:id', status: '400' })}`]: 1,
      [`${name}${labelText({ method: 'GET', route: 'unmatched', status: '404' })}`]: 3,
    });
    expect(grown).toEqual({ ...expected(requests), ...expected(durations) });
  });

  test('count an undecodable path among the unknown ones', async () => {
    const grown = await growth([requests], async () => {
      expect((await running.call('GET', '/servers/%ZZ', { token: owner })).statusCode).toBe(400);
    });
    expect(grown).toEqual({
      ...ownScrape(requests),
      [`${requests}${labelText({ method: 'GET', route: 'unmatched', status: '400' })}`]: 1,
    });
  });

  test('tell denials from mistakes: 401, 403, and a 404 for a hidden server', async () => {
    const other = await running.signIn(OTHER);
    const grown = await growth(['buoy_denied_calls_total'], async () => {
      await running.call('GET', '/me');
      await running.call('GET', '/me', { token: 'made.up.token' });
      await running.call('GET', '/admin/users', { token: other });
      await running.call('GET', `/servers/${serverId}`, { token: other });
      // Not denials: an invalid request, and a path that does not exist.
      await running.call('GET', '/servers?limit=none', { token: other });
      await running.call('DELETE', '/me/sessions/ses_none', { token: other });
      await running.call('GET', '/nowhere', { token: other });
    });
    expect(grown).toEqual({
      'buoy_denied_calls_total{status="401"}': 2,
      'buoy_denied_calls_total{status="403"}': 1,
      'buoy_denied_calls_total{status="404"}': 1,
    });
  });

  test('count sign-ins by method and outcome', async () => {
    const grown = await growth(['buoy_sign_ins_total'], async () => {
      await running.signIn(OTHER);
      await running.signIn(OTHER);
      await running.call('POST', '/auth/telegram', { body: { initData: 'user=%7B%7D&hash=00' } });
      await running.call('POST', '/auth/link', { body: { code: 'made-up' } });
      await running.call('POST', '/auth/refresh');
    });
    expect(grown).toEqual({
      'buoy_sign_ins_total{kind="telegram",result="ok"}': 2,
      'buoy_sign_ins_total{kind="telegram",result="refused"}': 1,
      'buoy_sign_ins_total{kind="link",result="refused"}': 1,
    });
  });

  test('count SSH commands, failed ones by error code', async () => {
    const grown = await growth(['buoy_ssh_calls_total', 'buoy_ssh_call_duration_seconds_count'], async () => {
      for (let time = 0; time < 2; time += 1) {
        const { statusCode } = await running.call('POST', `/servers/${serverId}/exec`, {
          token: owner,
          body: { command: 'true' },
        });
        expect(statusCode).toBe(503);
      }
    });
    // Buoy itself probes the server meanwhile; those calls are scripts. The circuit may open between the two.
    const ofCommands = Object.entries(grown).filter(([name]) => name.includes('call="exec"'));
    const counted = ofCommands.filter(([name]) =>
      /^buoy_ssh_calls_total\{call="exec",result="(unreachable|circuit_open)"\}$/.test(name),
    );
    expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(2);
    expect(ofCommands.filter((one) => !counted.includes(one))).toEqual([
      ['buoy_ssh_call_duration_seconds_count{call="exec"}', 2],
    ]);
  });

  test('count finished tasks by type and result', async () => {
    const grown = await growth(['buoy_tasks_finished_total'], cancelledRestart);
    expect(grown).toEqual({ 'buoy_tasks_finished_total{status="cancelled",type="openclaw.restart"}': 1 });
  });

  test('show the last backup once one exists', async () => {
    expect(valuesOf(await scrape(), 'buoy_backup_last_success_timestamp_seconds').size).toBe(0);
    const made = await running.call('POST', '/admin/backups/run', { token: superToken });
    expect(made.statusCode).toBe(201);
    const { createdAt, sizeBytes } = made.json().backup;
    const families = await scrape();
    expect(valuesOf(families, 'buoy_backup_last_success_timestamp_seconds').get('{}')).toBe(
      Date.parse(createdAt) / 1000,
    );
    expect(valuesOf(families, 'buoy_backup_last_size_bytes').get('{}')).toBe(sizeBytes);
    expect(valuesOf(families, 'buoy_backup_failures_total').get('{}')).toBe(0);
  });

  test('count the servers by state', async () => {
    const families = await scrape();
    expect(Object.fromEntries(valuesOf(families, 'buoy_servers'))).toEqual({
      '{state="up"}': 0,
      '{state="down"}': 0,
      '{state="unreachable"}': 1,
      '{state="unknown"}': 0,
      '{state="maintenance"}': 0,
      '{state="not_set_up"}': 0,
    });
    expect(valuesOf(families, 'buoy_servers_stale').get('{}')).toBe(0);
  });
});
