// Changes what the config says of one agent: reads it, writes the patch, and repeats when another change came first.
import { isAppError } from '../../lib/app-error.ts';
import type { ConfigWriter } from '../config/writer.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { GatewayCall } from '../reads/reader.ts';
import { type AgentsReading, agentIn, readAgents } from './read-agents.ts';

/** `by`: the person who is named in the history of the config. */
export type ChangeOptions = { by: string; signal: AbortSignal };

type AgentPatch = { patch: Record<string, unknown>; note: string };

export type AgentConfigWriter = ReturnType<typeof createAgentConfigWriter>;

/** Attempts while others change the config concurrently. */
const MAX_ATTEMPTS = 3;

export function createAgentConfigWriter({ gateways, writer }: { gateways: Gateways; writer: ConfigWriter }) {
  return {
    /**
     * @param patchOf answers the patch for the config as it is; called again when that changed meanwhile
     * @returns the agents after the change
     * @throws AppError `not_found` where there is no such agent, `stale_version` after three attempts
     */
    async update(
      serverId: string,
      agentId: string,
      patchOf: (reading: AgentsReading) => AgentPatch,
      { by, signal }: ChangeOptions,
    ): Promise<AgentsReading> {
      const call = changeCall(gateways, serverId, signal);
      for (let attempt = 1; ; attempt += 1) {
        const reading = await readAgents(call);
        agentIn(reading, agentId);
        const { hash } = reading;
        try {
          await writer.patchConfig(
            serverId,
            { ...patchOf(reading), ...(hash === null ? {} : { baseHash: hash }), by },
            { signal },
          );
          return await readAgents(call);
        } catch (error) {
          if (attempt === MAX_ATTEMPTS || !isAppError(error, 'stale_version')) throw error;
        }
      }
    },
  };
}

/** Calls with the deadline of a change; repeated once when the connection is lost. */
export function changeCall(gateways: Gateways, serverId: string, signal: AbortSignal): GatewayCall {
  return (method, params, schema) =>
    gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true });
}
