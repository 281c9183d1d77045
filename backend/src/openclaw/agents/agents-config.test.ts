// The two formats in which OpenClaw stores its agents.
import { expect, test } from 'vitest';
import { agentFrom, patchOfAgent, readAgentsConfig } from './agents-config.ts';

const defaults = {
  workspace: '/home/deploy/.openclaw/workspace',
  model: { primary: 'fake/fake-1' },
  heartbeat: { agentId: 'main', every: '30m' },
};
const current = {
  agents: {
    defaults: { ...defaults, systemAgent: { agentId: 'main' } },
    ownership: 'explicit',
    entries: {
      sales: {
        name: 'Продажи',
        workspace: '/home/deploy/.openclaw/workspace-sales',
        identity: { name: 'Продажи', emoji: '🛒' },
        model: { primary: 'fake/fake-2', fallbacks: ['fake/fake-1'] },
        sandbox: { mode: 'all', docker: { image: 'x' } },
        skills: ['weather'],
      },
      main: { name: 'main' },
    },
  },
  tools: { profile: 'full' },
  bindings: [{ agentId: 'sales', match: { channel: 'telegram' } }],
};
const previous = {
  agents: { defaults, list: [{ id: 'main' }, { id: 'sales', default: true, tools: { profile: 'minimal' } }] },
};

const agentsOf = (config: Record<string, unknown>) => {
  const agentsConfig = readAgentsConfig(config);
  return agentsConfig.agents.map((one) => agentFrom(agentsConfig, one));
};

test('agents in the config › keyed entries have own settings, defaults, and the source of each', () => {
  expect(agentsOf(current)).toMatchObject([
    {
      id: 'sales',
      name: 'Продажи',
      emoji: '🛒',
      model: 'fake/fake-2',
      sandbox: { mode: 'all', scope: null, workspaceAccess: null },
      toolsProfile: 'full',
      heartbeat: { every: '30m' },
      inherited: ['thinking', 'toolsProfile', 'heartbeat'],
      isDefault: false,
      bindings: 1,
    },
    { id: 'main', emoji: null, model: 'fake/fake-1', workspace: defaults.workspace, isDefault: true },
  ]);
});

test('agents in the config › in a list the marked agent is the default one, else the first', () => {
  expect(agentsOf(previous).map(({ isDefault }) => isDefault)).toEqual([false, true]);
  expect(agentsOf({ agents: { list: [{ id: 'a' }, { id: 'b' }] } }).find((one) => one.isDefault)?.id).toBe(
    'a',
  );
});

test('agents in the config › no default agent when several exist and the config names none', () => {
  const entries = { a: {}, b: {} };
  expect(agentsOf({ agents: { ownership: 'explicit', entries } }).some((one) => one.isDefault)).toBe(false);
});

test.each([
  {},
  { agents: {} },
  { agents: { list: [] } },
  { agents: { list: 'odd', entries: 7 } },
  { agents: 5 },
])('agents in the config › %j contains only main', (config) => {
  expect(agentsOf(config)).toMatchObject([{ id: 'main', isDefault: true }]);
});

test('agents in the config › changes go to the format of the version', () => {
  const [newer, older] = [readAgentsConfig(current), readAgentsConfig(previous)];
  expect(patchOfAgent(newer, 'sales', { skills: [] })).toEqual({
    agents: { entries: { sales: { skills: [] } } },
  });
  expect(patchOfAgent(older, 'sales', { skills: [] })).toEqual({
    agents: { list: [{ id: 'sales', skills: [] }] },
  });
});
