// The config patch for a change of an agent, in each version of OpenClaw.
import type { AgentChange } from '@buoy/contract';
import { expect, test } from 'vitest';
import { patchFor } from './agent-change.ts';
import { agentFrom, readAgentsConfig } from './agents-config.ts';
import type { AgentsReading } from './read-agents.ts';

function reading(config: Record<string, unknown>): AgentsReading {
  const agentsConfig = readAgentsConfig(config);
  return {
    agents: agentsConfig.agents.map((one) => agentFrom(agentsConfig, one)),
    agentsConfig,
    config,
    hash: 'h',
    configPath: '/home/deploy/.openclaw/openclaw.json',
  };
}
const current = (sales: Record<string, unknown> = {}) =>
  reading({
    agents: {
      ownership: 'explicit',
      defaults: { systemAgent: { agentId: 'main' }, heartbeat: { agentId: 'main' } },
      entries: { main: {}, sales },
    },
  });
const ownPatch = (sales: Record<string, unknown>, change: AgentChange) =>
  patchFor(current(sales), 'sales', change) as { agents: { entries: { sales: unknown } } };

test('agent patch › is empty when nothing is requested', () => {
  expect(patchFor(current(), 'sales', {})).toBeNull();
  expect(patchFor(current(), 'main', { isDefault: true })).toBeNull();
});

test('agent patch › a name also sets the identity name; an emoji alone keeps it', () => {
  expect(ownPatch({}, { name: 'Продажи' }).agents.entries.sales).toEqual({
    name: 'Продажи',
    identity: { name: 'Продажи' },
  });
  expect(ownPatch({}, { emoji: null }).agents.entries.sales).toEqual({ identity: { emoji: null } });
});

test('agent patch › keeps fallback models unless the whole model is reset', () => {
  const sales = { model: { primary: 'a/b', fallbacks: ['c/d'] } };
  expect(ownPatch(sales, { model: 'e/f' }).agents.entries.sales).toEqual({ model: { primary: 'e/f' } });
  expect(ownPatch(sales, { model: null }).agents.entries.sales).toEqual({ model: null });
  expect(ownPatch({ model: 'a/b' }, { model: 'e/f' }).agents.entries.sales).toEqual({ model: 'e/f' });
});

test('agent patch › resetting a block keeps the fields that Buoy does not show, and leaves nothing empty', () => {
  expect(ownPatch({ heartbeat: { every: '5m' } }, { heartbeat: null }).agents.entries.sales).toEqual({
    heartbeat: null,
  });
  expect(
    ownPatch({ heartbeat: { every: '5m', prompt: 'Look.' } }, { heartbeat: null }).agents.entries.sales,
  ).toEqual({ heartbeat: { every: null, target: null, model: null } });
});

test('agent patch › the default agent is named in the defaults by 2026.9.6 and marked by 2026.7.35', () => {
  expect(patchFor(current(), 'sales', { isDefault: true, thinking: null })).toEqual({
    agents: {
      entries: { sales: { thinkingDefault: null } },
      defaults: { systemAgent: { agentId: 'sales' }, heartbeat: { agentId: 'sales' } },
    },
  });
  const older = reading({ agents: { list: [{ id: 'main', default: true }, { id: 'sales' }] } });
  expect(patchFor(older, 'sales', { isDefault: true, name: 'S' })).toEqual({
    agents: {
      list: [
        { id: 'sales', name: 'S', identity: { name: 'S' }, default: true },
        { id: 'main', default: null },
      ],
    },
  });
});
