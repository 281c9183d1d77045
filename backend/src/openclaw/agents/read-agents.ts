// The agents for the API: from the gateway, completed from the config.
import type { Agent } from '@buoy/contract';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { toldTime } from '../../lib/clock.ts';
import type { HostConfigs } from '../config/host-config.ts';
import { readConfig } from '../config/read-config.ts';
import type { Meaning } from '../gateway/refusals.ts';
import { hasAgent } from '../host/agents-in-config.ts';
import { boundedArray, nameText } from '../reads/bounded.ts';
import type { GatewayCall } from '../reads/reader.ts';
import {
  type AgentsConfig,
  agentFrom,
  type ConfiguredAgent,
  MAX_AGENTS,
  readAgentsConfig,
} from './agents-config.ts';

const word = nameText.nullish().catch(null);

/** `agents.list` of 2026.9.6 and 2026.7.35. */
const agentsList = z.looseObject({
  defaultId: word,
  agents: boundedArray(
    z.looseObject({
      id: nameText,
      name: word,
      identity: z.looseObject({ name: word, emoji: word }).nullish().catch(null),
      workspace: word,
      model: z.looseObject({ primary: word }).nullish().catch(null),
      thinkingDefault: word,
      createdAt: z.number().int().positive().nullish().catch(null),
    }),
    MAX_AGENTS,
  ),
});
type Listed = z.output<typeof agentsList>['agents'][number];

export type AgentsReading = {
  agents: Agent[];
  agentsConfig: AgentsConfig;
  /** As it is written, secrets hidden; empty when OpenClaw does not take it. */
  config: ConfigObject;
  /** For a change on top of exactly this config. */
  hash: string | null;
  configPath: string | null;
};

/** Throws AppError. */
export async function readAgents(call: GatewayCall): Promise<AgentsReading> {
  const [list, { config, hash, path }] = await Promise.all([
    call('agents.list', {}, agentsList),
    readConfig(call),
  ]);
  const agentsConfig = readAgentsConfig(config ?? {});
  const written = new Map(agentsConfig.agents.map((one) => [one.id, one]));
  const agents = list.agents.map((listed) =>
    completed(
      listed,
      agentFrom(agentsConfig, written.get(listed.id) ?? unwritten(listed.id)),
      list.defaultId ?? null,
    ),
  );
  return { agents, agentsConfig, config: config ?? {}, hash, configPath: path };
}

/** The same from the file on the host, without what only the gateway knows. Throws AppError. */
export async function readAgentsOnHost(
  hostConfigs: HostConfigs,
  serverId: string,
  limits: { deadlineMs: number; signal: AbortSignal },
): Promise<AgentsReading> {
  const { config, path } = await hostConfigs.read(serverId, limits);
  if (config === null)
    throw new AppError('bad_gateway', 'The config file of OpenClaw cannot be read.', {
      hint: 'Repair openclaw.json on the server.',
    });
  const agentsConfig = readAgentsConfig(config);
  return {
    agents: agentsConfig.agents.map((one) => agentFrom(agentsConfig, one)),
    agentsConfig,
    config,
    hash: null,
    configPath: path,
  };
}

/**
 * Before OpenClaw's command is run for an agent: it takes seconds of CPU to find that there is none. Where the config on the host does not show it,
 * the command may run. Throws AppError: `not_found` for an unknown agent.
 */
export async function expectAgentOnHost(
  hostConfigs: Pick<HostConfigs, 'read'>,
  serverId: string,
  agentId: string,
  limits: { deadlineMs: number; signal: AbortSignal },
): Promise<void> {
  const { config } = await hostConfigs.read(serverId, limits).catch((error: unknown) => {
    if (isAppError(error, 'not_found', 'refused', 'output_too_large')) return { config: null };
    throw error;
  });
  if (config !== null && hasAgent(config, agentId) === false) throw noSuchAgent(agentId);
}

export function agentIn(reading: { agents: Agent[] }, agentId: string): Agent {
  const found = reading.agents.find(({ id }) => id === agentId);
  if (found === undefined) throw noSuchAgent(agentId);
  return found;
}

/** The config of an agent that `agentIn` has found. */
export function writtenOf({ agentsConfig }: AgentsReading, agentId: string): ConfiguredAgent {
  return agentsConfig.agents.find(({ id }) => id === agentId) ?? unwritten(agentId);
}

function noSuchAgent(agentId: string): AppError {
  return new AppError('not_found', `This server has no agent ${agentId}.`, {
    hint: 'Check the list of agents.',
  });
}

/** `agent "x" not found`, in some calls of 2026.7.35 `unknown agent id`. */
export function refusedAgent(agentId: string): Meaning {
  return {
    when: ({ message }) => /^unknown agent id|^agent .* not found$/i.test(message),
    is: () => noSuchAgent(agentId),
  };
}

function unwritten(id: string): ConfiguredAgent {
  const [one] = readAgentsConfig({ agents: { list: [{ id }] } }).agents;
  return one!;
}

function completed(listed: Listed, agent: Agent, defaultId: string | null): Agent {
  return {
    ...agent,
    name: listed.name ?? listed.identity?.name ?? agent.name,
    emoji: listed.identity?.emoji || agent.emoji,
    workspace: listed.workspace ?? agent.workspace,
    model: listed.model?.primary ?? agent.model,
    thinking: agent.thinking ?? listed.thinkingDefault ?? null,
    isDefault: defaultId === null ? agent.isDefault : listed.id === defaultId,
    createdAt: toldTime(listed.createdAt),
  };
}
