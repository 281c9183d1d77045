// Exact output for answers that a real gateway gives differently each day, or only in case of an error.
import type { Agent, EndpointKey, RepairStep } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

const agent = (id: string, name: string): Agent => ({
  ...{ id, name, emoji: null, workspace: `/srv/${id}`, model: 'fake/fake-1', thinking: null },
  ...{ sandbox: null, toolsProfile: null, heartbeat: null, inherited: ['model'], isDefault: false },
  ...{ bindings: 0, createdAt: null },
});

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

/** Runs a command with the API answers, in addition to the list of servers. */
async function buoy(line: string, answers: Partial<Record<EndpointKey, ScriptedAnswer>>) {
  const bodies: unknown[] = [];
  const { fetch, calls } = scriptedBuoy((key, _calls, { body }) => {
    if (body !== undefined) bodies.push(body);
    const answer = key === 'GET /servers' ? { body: { servers: [server], nextCursor: null } } : answers[key];
    if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
    return answer;
  });
  const ran = await cli.buoy(line.split(' '), { fetch, now: () => Date.parse('2026-03-01T10:05:00Z') });
  return { ...ran, calls, bodies };
}

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

test('openclaw usage prints totals, then models, agents and days with usage', async () => {
  const figures = { input: 1_000, output: 200, cacheRead: 50, cacheWrite: 0, tokens: 1_250, costUsd: 0.0042 };
  const none = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, tokens: 0, costUsd: 0 };
  const usage = {
    ...{ from: '2026-02-28', to: '2026-03-01', totals: { ...figures, messages: 3 }, fresh: false },
    byModel: [{ provider: 'fake', model: 'fake-1', calls: 2, ...figures }],
    byAgent: [{ agentId: 'main', ...figures }],
    byDay: [
      { date: '2026-02-28', ...none },
      { date: '2026-03-01', ...figures },
    ],
  };
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/usage': { body: { usage, ...read } },
  };
  expect(await buoy('openclaw usage web --from 2026-02-28 --to 2026-03-01', answers)).toMatchObject({
    exit: 0,
    out: lines(
      'From:      2026-02-28 to 2026-03-01 (UTC)',
      'Tokens:    1,250',
      'Messages:  3',
      'Cost:      $0.0042',
      '',
      'MODEL        TOKENS  IN     OUT  CACHED  COST',
      'fake/fake-1  1,250   1,000  200  50      $0.0042',
      '',
      'AGENT  TOKENS  IN     OUT  CACHED  COST',
      'main   1,250   1,000  200  50      $0.0042',
      '',
      'DAY         TOKENS  IN     OUT  CACHED  COST',
      '2026-03-01  1,250   1,000  200  50      $0.0042',
    ),
    err: 'OpenClaw is still counting; try again in a few seconds.\n',
  });
});

test('openclaw security-audit exits with 1 for a critical finding', async () => {
  const audit = {
    summary: { critical: 1, warn: 0, info: 0 },
    findings: [
      {
        ...{ id: 'bind', severity: 'critical', title: 'The gateway listens on all addresses' },
        ...{ detail: 'gateway.bind is lan\nand there is no token', fix: 'Set gateway.bind to loopback.' },
      },
    ],
    checkedAt: at,
  };
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/security-audit': { body: { audit, ...read, source: 'cli' } },
  };
  expect(await buoy('openclaw security-audit web', answers)).toMatchObject({
    exit: 1,
    out: lines(
      'critical: The gateway listens on all addresses',
      '  gateway.bind is lan',
      '  and there is no token',
      '  Fix: Set gateway.bind to loopback.',
      'Critical: 1, warnings: 0, notes: 0; checked 5 min ago.',
    ),
    err: '',
  });
});

test('agents show refuses a name that matches several agents and lists them; the beginning of one name is enough', async () => {
  const agents = [agent('main', 'Main'), agent('sales', 'Sales desk'), agent('support', 'Sales support')];
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/agents': { body: { agents, ...read } },
  };
  expect(await buoy('openclaw agents show web sales', answers)).toMatchObject({ exit: 0 });
  expect(await buoy('openclaw agents show web sal', answers)).toMatchObject({
    exit: 1,
    out: '',
    err: lines(
      'buoy: "sal" matches several agents: Sales desk (sales), Sales support (support).',
      '  Give the id.',
    ),
  });
  const { out } = await buoy('openclaw agents show web main --json', answers);
  expect(JSON.parse(out)).toEqual({ agent: agents[0], ...read });
});

test('agents list notes on standard error that it shows the last known state', async () => {
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/agents': {
      body: { agents: [agent('main', 'Main')], source: 'snapshot', observedAt: at },
    },
  };
  expect(await buoy('openclaw agents list web', answers)).toMatchObject({
    exit: 0,
    out: lines(
      'AGENT  NAME  DEFAULT  MODEL        BINDINGS  WORKSPACE',
      'main   Main  -        fake/fake-1  0         /srv/main',
    ),
    err: 'Last known state, 5 min ago: the gateway does not answer.\n',
  });
});

test('config set exits with 1 when someone else changed the config since the comparison', async () => {
  const change = { path: 'gateway.port', kind: 'changed', before: 1, after: 2 };
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'POST /servers/:id/openclaw/config/preview': {
      body: { changes: [{ ...change, needsRestart: true }], valid: true, issues: [], hash: 'h1' },
    },
    'PUT /servers/:id/openclaw/config': {
      status: 409,
      body: { error: 'The config has changed.', code: 'stale_version', requestId: 'req_1' },
    },
  };
  expect(await buoy('openclaw config set web gateway.port 2 --yes', answers)).toMatchObject({
    exit: 1,
    out: '~ gateway.port: 1 → 2  restarts the gateway\n',
    err: lines(
      'buoy: The config was changed by someone else since the comparison; nothing was written.',
      '  See what changed: buoy openclaw config history srv_1. Then try again.',
    ),
  });
  const unasked = await buoy('openclaw config set web gateway.port 2', answers);
  expect(unasked.exit).toBe(2);
  expect(unasked.calls).not.toContain('PUT /servers/srv_1/openclaw/config');
});

test('models list prints the message of OpenClaw for a refused call', async () => {
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/models': {
      status: 422,
      body: {
        ...{ error: 'OpenClaw refused it.', code: 'refused', requestId: 'req_1', hint: 'As it says.' },
        details: { openclaw: { message: 'no such provider' } },
      },
    },
  };
  expect(await buoy('openclaw models list web', answers)).toMatchObject({
    exit: 1,
    err: lines('buoy: OpenClaw refused it. no such provider.', '  As it says.', '  Request id: req_1'),
  });
});

test('models check --agent tests the key of the agent for the provider of its model', async () => {
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/agents': { body: { agents: [agent('reviewer', 'Reviewer')], ...read } },
    'POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test': {
      body: { test: { ok: false, status: 'auth', latencyMs: 12, error: 'The key is wrong.' } },
    },
  };
  const { exit, out, calls } = await buoy('openclaw models check web --agent rev', answers);
  expect(calls.at(-1)).toBe('POST /servers/srv_1/openclaw/agents/reviewer/keys/fake/test');
  expect({ exit, out }).toEqual({
    exit: 1,
    out: lines(
      'Answers:   no: auth',
      'Provider:  fake',
      'Model:     fake/fake-1',
      'Took:      12 ms',
      'Detail:    The key is wrong.',
    ),
  });
});

test('openclaw repair shows the steps, what each runs and which is next, and runs exactly what it has shown', async () => {
  const of = (id: string, changes: Partial<RepairStep>) => ({
    ...{
      id,
      title: `Do ${id}`,
      runs: [],
      changes: null,
      unavailable: null,
      choice: 'AAAAAAAAAAAAAAAA',
      tried: null,
    },
    ...changes,
  });
  const steps = [
    of('restart', {
      runs: ['systemctl --user restart openclaw-gateway.service'],
      tried: { taskId: 'tsk_0', at, message: 'It did not start.' },
    }),
    of('config-rollback', {
      runs: ['cp openclaw.json.last-good openclaw.json'],
      changes: [{ path: 'gateway.x', kind: 'removed', before: 1, after: null }],
      choice: 'BBBBBBBBBBBBBBBB',
    }),
    of('version-rollback', { unavailable: 'There is no snapshot.', choice: null }),
  ];
  const task = {
    ...{
      id: 'tsk_1',
      type: 'openclaw.config-rollback',
      serverId: server.id,
      status: 'succeeded',
      steps: [],
      progress: 1,
    },
    ...{ result: null, error: null, createdBy: 'u_1', createdAt: at, startedAt: at, finishedAt: at },
  };
  const ladder = { steps, suggested: 'config-rollback', reason: 'It did not help.' };
  const answers: Partial<Record<EndpointKey, ScriptedAnswer>> = {
    'GET /servers/:id/openclaw/repair': { body: ladder },
    'POST /servers/:id/openclaw/repair': { body: { task } },
  };
  const shown = await buoy('openclaw repair web', answers);
  expect(shown).toMatchObject({ exit: 0, out: expect.stringContaining('config-rollback *') });
  for (const words of [
    'systemctl --user restart',
    '- gateway.x (1)',
    'There is no snapshot.',
    'tried: It did not',
  ])
    expect(shown.out.replace(/\s+/g, ' ')).toContain(words);
  expect(shown.out).toContain('* Next: config-rollback. It did not help.');
  expect(shown.bodies).toEqual([]);

  const run = await buoy('openclaw repair web --step next --yes --no-wait', answers);
  expect(run).toMatchObject({
    exit: 0,
    err: expect.stringContaining('cp openclaw.json.last-good openclaw.json'),
  });
  expect(run.bodies).toEqual([{ step: 'config-rollback', choice: 'BBBBBBBBBBBBBBBB' }]);
  expect(await buoy('openclaw repair web --step next', answers)).toMatchObject({
    ...{ exit: 2, err: expect.stringContaining('Add --yes to go ahead.') },
  });
  expect(await buoy('openclaw repair web --step version-rollback --yes', answers)).toMatchObject({
    ...{ exit: 1, err: expect.stringContaining('There is no snapshot.') },
  });
  expect(await buoy('openclaw repair web --step format', answers)).toMatchObject({
    ...{ exit: 2, err: expect.stringContaining('--step takes one of restart, reset-failed,') },
  });
});
