// The skills and bindings of an agent, both in the config.
import {
  type AgentBinding,
  type AgentSkills,
  type AgentSkillsChange,
  agentBinding,
  agentSkills,
} from '@buoy/contract';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { ConfigWriter } from '../config/writer.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { boundedArray, nameText } from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { bindingsOf, withBindings } from './agent-bindings.ts';
import { listPathOfAgent, patchOfAgent } from './agents-config.ts';
import { type AgentsReading, agentIn, readAgents, readAgentsOnHost, writtenOf } from './read-agents.ts';

type Options = { signal: AbortSignal };
type Change = Options & { by: string };

/** Attempts while others change the config concurrently. */
const ATTEMPTS = 3;

const skillsStatus = z.looseObject({
  skills: boundedArray(
    z.looseObject({ name: nameText.catch(''), skillKey: nameText.nullish().catch(null) }),
    500,
  ),
});

export function createAgentReach({
  gateways,
  reader,
  hostConfigs,
  writer,
}: {
  gateways: Gateways;
  reader: Reader;
  hostConfigs: HostConfigs;
  writer: ConfigWriter;
}) {
  const callOf =
    (serverId: string, signal: AbortSignal): GatewayCall =>
    (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true });

  /** Reads the config and writes the change; repeats when another change came first. */
  async function change(
    serverId: string,
    agentId: string,
    { by, signal }: Change,
    make: (reading: AgentsReading) => {
      patch: Record<string, unknown>;
      replacePaths: readonly string[];
      note: string;
    },
  ): Promise<AgentsReading> {
    for (let attempt = 1; ; attempt += 1) {
      const reading = await readAgents(callOf(serverId, signal));
      agentIn(reading, agentId);
      try {
        await writer.patchConfig(
          serverId,
          { ...make(reading), ...(reading.hash === null ? {} : { baseHash: reading.hash }), by },
          { signal },
        );
        return await readAgents(callOf(serverId, signal));
      } catch (error) {
        if (attempt === ATTEMPTS || !isAppError(error, 'stale_version')) throw error;
      }
    }
  }

  async function skillsFrom(
    call: GatewayCall,
    reading: AgentsReading,
    agentId: string,
  ): Promise<AgentSkills> {
    const skills = skillsIn(reading, agentId);
    if (skills.names.length === 0) return { ...skills, unknown: [] };
    const status = await call('skills.status', { agentId }, skillsStatus);
    const known = new Set(status.skills.flatMap(({ name, skillKey }) => [name, skillKey]));
    return { ...skills, unknown: skills.names.filter((name) => !known.has(name)) };
  }

  return {
    /** Which skills an agent may use. Throws AppError. */
    readSkills: (serverId: string, agentId: string, { signal }: Options) =>
      reader.read(
        serverId,
        {
          what: `agents/${agentId}/skills`,
          schema: z.object({ skills: agentSkills }),
          keep: 'memory',
          fromGateway: async (call) => {
            const reading = await readAgents(call);
            agentIn(reading, agentId);
            return { skills: await skillsFrom(call, reading, agentId) };
          },
          fromHost: async (_call, limits) => {
            const reading = await readAgentsOnHost(hostConfigs, serverId, limits);
            agentIn(reading, agentId);
            return { skills: { ...skillsIn(reading, agentId), unknown: null } };
          },
        },
        { signal },
      ),

    /** `all` takes the agent's list away, so that it has what all agents have. Throws AppError. */
    async changeSkills(
      serverId: string,
      agentId: string,
      wanted: AgentSkillsChange,
      options: Change,
    ): Promise<AgentSkills> {
      const reading = await change(serverId, agentId, options, ({ agentsConfig }) => ({
        patch: patchOfAgent(agentsConfig, agentId, {
          skills: wanted.mode === 'all' ? null : [...new Set(wanted.names)],
        }),
        replacePaths: [listPathOfAgent(agentsConfig, agentId, 'skills')],
        note: `Skills of the agent ${agentId} changed`,
      }));
      return skillsFrom(callOf(serverId, options.signal), reading, agentId);
    },

    /** Throws AppError. */
    readBindings: (serverId: string, agentId: string, { signal }: Options) =>
      reader.read(
        serverId,
        {
          what: `agents/${agentId}/bindings`,
          schema: z.object({ bindings: z.array(agentBinding) }),
          keep: 'memory',
          fromGateway: async (call) => boundIn(await readAgents(call), agentId),
          fromHost: async (_call, limits) =>
            boundIn(await readAgentsOnHost(hostConfigs, serverId, limits), agentId),
        },
        { signal },
      ),

    /** Replaces the bindings of this agent alone. Throws AppError `conflict` where another agent has the same. */
    async changeBindings(
      serverId: string,
      agentId: string,
      wanted: readonly AgentBinding[],
      options: Change,
    ): Promise<AgentBinding[]> {
      const reading = await change(serverId, agentId, options, ({ config }) => ({
        patch: { bindings: withBindings(config, agentId, wanted) },
        replacePaths: ['bindings'],
        note: `Bindings of the agent ${agentId} changed`,
      }));
      return boundIn(reading, agentId).bindings;
    },
  };
}

function boundIn(reading: AgentsReading, agentId: string): { bindings: AgentBinding[] } {
  agentIn(reading, agentId);
  return { bindings: bindingsOf(reading.config, agentId) };
}

/** Its own list, else the list of all agents, else any skill. */
export function skillsIn(reading: AgentsReading, agentId: string): Omit<AgentSkills, 'unknown'> {
  const own = writtenOf(reading, agentId).entry.skills ?? null;
  const names = own ?? reading.agentsConfig.defaults.skills;
  return { mode: names === null ? 'all' : 'only', names: names ?? [], inherited: own === null };
}
