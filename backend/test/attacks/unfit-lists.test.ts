// A managed server that was taken over answers with long lists of what is none of it: to refuse each entry for itself would freeze Buoy.
import { type CronJob, defaultThresholds, type OpenclawStatus } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/alerts/conditions.ts';
import { createChannels } from '../../src/openclaw/channels/channels.ts';
import { readDryRun } from '../../src/openclaw/config/host-config.ts';
import { createExecPolicies } from '../../src/openclaw/exec-policy/exec-policy.ts';
import { countAgents, hasAgent } from '../../src/openclaw/host/agents-in-config.ts';
import { parseConfigFile } from '../../src/openclaw/host/config-file.ts';
import { createModels } from '../../src/openclaw/models/models.ts';
import { createSessions } from '../../src/openclaw/sessions/sessions.ts';
import { skillStatus } from '../../src/openclaw/skills/skill-list.ts';
import { createCalledGateways, readerOf } from '../../src/openclaw/testing/called-gateways.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

/** Milliseconds of this thread. */
const MAX_MS = 30;
/** The same for an answer that is no longer than usual, but for its numbers in the place of texts. */
const MAX_QUICK_MS = 10;
/** Reads in one block, and milliseconds of them together: Linux counts CPU time in ticks, and one read takes less than a tick. */
const READS = 10;
const MAX_READS_MS = 40;
/** Runs that let V8 compile what is measured. */
const WARM_UP_RUNS = 5;
/** Nearly as many values as an answer may have. */
const MANY = 39_000;

const nothings = (count = MANY) => Array(count).fill(0);
const named = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));

async function blockedMs(work: () => unknown): Promise<number> {
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await work();
  const { blockedMs: shortest } = await longestBlockOfThree(async () => await work(), MAX_QUICK_MS);
  return shortest;
}

describe('a config file', () => {
  test.each([
    ['65,000 agents that are none, as JSON5', `{agents:{list:[${'0,'.repeat(65_491)}]}}`],
    [
      '65,000 agents that are none, behind a quote that JSON has not',
      `{a:'"',agents:{list:[${'0,'.repeat(65_480)}]}}`,
    ],
    ['39,000 agents that are none', JSON.stringify({ agents: { list: nothings() } })],
    ['39,000 agents with names', JSON.stringify({ agents: { entries: named(MANY, 0) } })],
  ])('with %s blocks nobody, and its agents are not told', async (_what, text) => {
    expect(await blockedMs(() => countAgents(parseConfigFile(text)))).toBeLessThan(MAX_MS);
    expect(countAgents(parseConfigFile(text))).toBeNull();
    expect(hasAgent(parseConfigFile(text)?.value, 'main')).toBeNull();
  });
});

const skillsWith = (count: number, one: object) =>
  skillStatus.safeParse({
    ...{ workspaceDir: '/w', managedSkillsDir: '/m' },
    skills: Array(count).fill({ name: 'a', ...one }),
  });

test.each([
  ['programs that are none', 500, { missing: { bins: nothings(72) } }],
  ['installers of such programs', 480, { install: Array(20).fill({ id: 'a', bins: [0] }) }],
])('skills that miss %s block nobody', async (_what, count, one) => {
  expect(await blockedMs(() => skillsWith(count, one))).toBeLessThan(MAX_QUICK_MS);
  expect(skillsWith(count, one).success).toBe(true);
});

test('a dry run with errors that are none blocks nobody', async () => {
  const said = JSON.stringify({ ok: false, errors: Array(MANY / 2).fill({ message: 0 }) });
  expect(await blockedMs(() => readDryRun(said))).toBeLessThan(MAX_QUICK_MS);
  expect(readDryRun(said)).toEqual({ valid: false, issues: [] });
});

describe('a gateway that answers', () => {
  const { signal } = new AbortController();
  const gateways = createCalledGateways();
  const parts = { reader: readerOf(gateways), gateways };
  const sessions = createSessions(parts);
  const unused = {} as never;
  const models = createModels({ ...parts, hostConfigs: unused, writer: unused });
  const channels = createChannels(parts);
  const wrong = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, [0]]));

  const messages = Array(40).fill({ role: 'user', content: nothings(490) });
  const session = { key: 'a', activeRunIds: nothings(100), thinkingOptions: nothings(50) };
  const model = {
    ...{ id: 'a', provider: 'b', tags: nothings(20) },
    ...wrong('name', 'contextWindow', 'reasoning', 'available'),
  };
  const account = wrong(
    ...['accountId', 'enabled', 'configured', 'running', 'connected', 'lifecycle', 'lastError', 'name'],
    ...['lastStartAt', 'lastInboundAt', 'lastOutboundAt'],
  );
  const answers: Record<string, object> = {
    'chat.history': { sessionId: 'a', messages },
    'sessions.list': { sessions: Array(200).fill(session) },
    'models.list': { models: Array(1_450).fill(model) },
    'models.authStatus': {},
    'config.get': { valid: true, parsed: {} },
    'channels.status': { channelAccounts: named(80, Array(20).fill(account)) },
  };
  for (const [method, answer] of Object.entries(answers)) gateways.methods[method] = () => answer;

  test.each<[string, () => Promise<object[]>, { length: number; one: object }]>([
    [
      'messages whose parts are none',
      async () => (await sessions.messages('s1', 'a', { limit: 200 }, { signal })).messages,
      { length: 40, one: { role: 'user', text: '', toolCalls: [], attachments: [] } },
    ],
    [
      'sessions whose runs and levels are none',
      async () => (await sessions.list('s1', { archived: false, limit: 200 }, { signal })).sessions,
      { length: 200, one: { key: 'a', running: false, activeRunIds: [], thinkingLevels: [] } },
    ],
    [
      'models whose fields are none',
      async () => (await models.read('s1', { signal })).models,
      { length: 1_450, one: { id: 'a', name: 'a', contextWindow: null, available: null, isDefault: false } },
    ],
    [
      'channel accounts whose fields are none',
      async () => (await channels.list('s1', { signal })).channels,
      { length: 1_600, one: { account: 'default', name: null, enabled: null, state: 'stopped' } },
    ],
  ])('with %s blocks nobody, and they are shown without these', async (_what, read, { length, one }) => {
    const reads = () => Promise.all(Array.from({ length: READS }, read));
    expect(await blockedMs(reads)).toBeLessThan(MAX_READS_MS);
    const shown = await read();
    expect(shown).toHaveLength(length);
    expect(shown[0]).toMatchObject(one);
  });
});

describe('a policy for commands', () => {
  const policies = (file: unknown) => {
    const gateways = createCalledGateways();
    gateways.methods['exec.approvals.get'] = () => ({ file, hash: 'h' });
    gateways.methods['exec.approvals.set'] = () => ({ file, hash: 'h' });
    return createExecPolicies({ reader: readerOf(gateways), gateways });
  };
  const { signal } = new AbortController();

  test.each([
    ['agents that are none', { agents: named(MANY, 0) }],
    ['agents whose rules are none', { agents: named(MANY / 4, { security: 0, ask: 0, allowlist: 0 }) }],
    ['commands that are none', { agents: { a: { allowlist: nothings() } } }],
    ['commands', { agents: { a: { allowlist: Array(MANY / 2).fill({ pattern: 'a' }) } } }],
  ])('with thousands of %s is refused, and blocks nobody', async (_what, file) => {
    const refusedRead = () =>
      policies(file)
        .read('s1', { signal })
        .catch(() => undefined);
    const change = { agents: [{ agentId: 'a', allowlist: ['b'] }] };
    const refusedChange = () =>
      policies(file)
        .change('s1', change, signal)
        .catch(() => undefined);
    expect(await blockedMs(refusedRead)).toBeLessThan(MAX_MS);
    expect(await blockedMs(refusedChange)).toBeLessThan(MAX_MS);
    await expect(policies(file).read('s1', { signal })).rejects.toThrow();
    await expect(policies(file).change('s1', change, signal)).rejects.toThrow();
  });

  test('with many commands is read and changed as before', async () => {
    const allowlist = Array.from({ length: 1_000 }, (_, at) => ({ pattern: `p${at}` }));
    const file = { agents: { a: { allowlist } } };
    const { policy } = await policies(file).read('s1', { signal });
    expect(policy.agents[0]?.allowlist).toHaveLength(1_000);
    expect(await policies(file).change('s1', { defaults: { ask: null } }, signal)).toEqual(policy);
  });
});

test.each(['mysql ', 'token=a ', 'password=abc ', 'https://a:b@c '])(
  'channels and jobs whose names and errors are "%s" again and again block nobody',
  async (words) => {
    const long = (length: number) => words.repeat(Math.ceil(length / words.length)).slice(0, length);
    const hundred = Array.from({ length: 100 }, (_, at) => at);
    const channels = hundred.map((at) => ({
      ...{ id: `${at}${long(1_000)}`, account: long(1_000), state: 'stopped', error: long(2_000) },
    }));
    const cronJobs = hundred.map((at) => ({
      ...{ id: `${at}`, name: long(1_000), enabled: true, running: false },
      lastRun: { status: 'error', at: '2026-03-01T10:00:00.000Z', error: long(2_000) },
    })) as unknown as CronJob[];
    const status = {
      ...{ installed: true, gateway: { state: 'running', ready: true }, service: {} },
      ...{ disk: null, memory: null, channels },
    } as unknown as OpenclawStatus;
    const result = {
      kind: 'seen',
      status,
      failure: null,
      channelsSeen: true,
      cronJobs,
      ...{ sessions: null, modelErrors: null, ownUpdateFailure: undefined, vitals: null, signIns: null },
      configRevertedAt: null,
    } as const;
    const standards = { nowMs: 0, thresholds: defaultThresholds, memorySamples: null };
    expect(await blockedMs(() => evaluate(result, standards))).toBeLessThan(MAX_MS);
    expect(evaluate(result, standards).active).toHaveLength(200);
  },
);
