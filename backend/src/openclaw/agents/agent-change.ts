// Builds the config patch for a change of an agent: one patch, so that the change is applied completely or not at all.
import type { AgentChange } from '@buoy/contract';
import { type ConfigObject, isObject, mergePatch } from '@buoy/contract/config-patch';
import { patchOfAgent } from './agents-config.ts';
import { type AgentsReading, writtenOf } from './read-agents.ts';

/** null when it changes nothing. */
export function patchFor(reading: AgentsReading, agentId: string, change: AgentChange): ConfigObject | null {
  const own = ownChange(reading, agentId, change);
  const patch = Object.keys(own).length === 0 ? {} : patchOfAgent(reading.agentsConfig, agentId, own);
  const whole = change.isDefault === true ? withDefault(reading, agentId, own, patch) : patch;
  return Object.keys(whole).length === 0 ? null : whole;
}

function ownChange(reading: AgentsReading, agentId: string, change: AgentChange): ConfigObject {
  const { entry } = writtenOf(reading, agentId);
  const { name, emoji, model, thinking, sandbox, toolsProfile, heartbeat } = change;
  const own: ConfigObject = {};
  // OpenClaw shows either of the two, and keeps them alike.
  if (name !== undefined) own.name = name;
  if (name !== undefined || emoji !== undefined)
    own.identity = { ...(name === undefined ? {} : { name }), ...(emoji === undefined ? {} : { emoji }) };
  // An object also holds the models to fall back to: they stay.
  if (model !== undefined) own.model = model !== null && isObject(entry.model) ? { primary: model } : model;
  if (thinking !== undefined) own.thinkingDefault = thinking;
  if (sandbox !== undefined)
    own.sandbox = sandbox ?? cleared(entry.sandbox, ['mode', 'scope', 'workspaceAccess']);
  if (toolsProfile !== undefined) own.tools = { profile: toolsProfile };
  if (heartbeat !== undefined)
    own.heartbeat = heartbeat ?? cleared(entry.heartbeat, ['every', 'target', 'model']);
  return own;
}

/** Removes only the fields that Buoy shows, and empty blocks, since OpenClaw treats even an empty block as a setting. */
function cleared(present: unknown, keys: readonly string[]): ConfigObject | null {
  const hasMore = isObject(present) && Object.keys(present).some((key) => !keys.includes(key));
  return hasMore ? Object.fromEntries(keys.map((key) => [key, null])) : null;
}

/** 2026.9.6 names the default agent in the defaults, 2026.7.35 marks it. */
function withDefault(
  { agentsConfig, agents }: AgentsReading,
  agentId: string,
  own: ConfigObject,
  patch: ConfigObject,
): ConfigObject {
  if (agents.some(({ id, isDefault }) => id === agentId && isDefault)) return patch;
  if (agentsConfig.form === 'entries') {
    const { heartbeatAgentId } = agentsConfig.defaults;
    return mergePatch(patch, {
      agents: {
        defaults: {
          systemAgent: { agentId },
          ...(heartbeatAgentId === null ? {} : { heartbeat: { agentId } }),
        },
      },
    }) as ConfigObject;
  }
  const marked = agentsConfig.agents.filter(({ id, entry }) => id !== agentId && entry.default === true);
  return {
    agents: {
      list: [{ id: agentId, ...own, default: true }, ...marked.map(({ id }) => ({ id, default: null }))],
    },
  };
}
