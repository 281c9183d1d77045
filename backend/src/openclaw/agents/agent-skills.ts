// Which skills an agent may use: a list in the config.
import { type AgentSkills, type AgentSkillsChange, agentSkills } from '@buoy/contract';
import { z } from 'zod';
import type { HostConfigs } from '../config/host-config.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { boundedArray, nameText } from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { type AgentConfigWriter, type ChangeOptions, changeCall } from './agent-config-writer.ts';
import { patchOfAgent } from './agents-config.ts';
import { type AgentsReading, agentIn, readAgents, readAgentsOnHost, writtenOf } from './read-agents.ts';

const skillsStatus = z.looseObject({
  skills: boundedArray(
    z.looseObject({ name: nameText.catch(''), skillKey: nameText.nullish().catch(null) }),
    500,
  ),
});

export function createAgentSkills({
  gateways,
  reader,
  hostConfigs,
  writer,
}: {
  gateways: Gateways;
  reader: Reader;
  hostConfigs: HostConfigs;
  writer: AgentConfigWriter;
}) {
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
    /** Throws AppError. */
    get: (serverId: string, agentId: string, { signal }: { signal: AbortSignal }) =>
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

    /** `all` removes the agent's own list, so that the agent default holds for it. Throws AppError. */
    async update(
      serverId: string,
      agentId: string,
      wanted: AgentSkillsChange,
      options: ChangeOptions,
    ): Promise<AgentSkills> {
      const reading = await writer.update(
        serverId,
        agentId,
        ({ agentsConfig }) => ({
          patch: patchOfAgent(agentsConfig, agentId, {
            skills: wanted.mode === 'all' ? null : [...new Set(wanted.names)],
          }),
          note: `Skills of the agent ${agentId} changed`,
        }),
        options,
      );
      return skillsFrom(changeCall(gateways, serverId, options.signal), reading, agentId);
    },
  };
}

/** Its own list, else the list of all agents, else any skill. */
export function skillsIn(reading: AgentsReading, agentId: string): Omit<AgentSkills, 'unknown'> {
  const own = writtenOf(reading, agentId).entry.skills ?? null;
  const names = own ?? reading.agentsConfig.defaults.skills;
  return { mode: names === null ? 'all' : 'only', names: names ?? [], inherited: own === null };
}
