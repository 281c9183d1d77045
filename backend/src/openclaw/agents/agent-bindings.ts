// Which channels and conversations an agent answers: its part of the one list `bindings` in the config.
import { type AgentBinding, agentBinding } from '@buoy/contract';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { Reader } from '../reads/reader.ts';
import type { AgentConfigWriter, ChangeOptions } from './agent-config-writer.ts';
import { type AgentsReading, agentIn, readAgents, readAgentsOnHost } from './read-agents.ts';

const word = z.string().nullish().catch(null);

const route = z.looseObject({
  agentId: word,
  /** `acp` binds a conversation to another program: not shown and left alone. */
  type: word,
  match: z
    .looseObject({
      channel: word,
      accountId: word,
      peer: z.looseObject({ kind: word, id: word }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});
type Written = { raw: unknown; agentId: string | null; binding: AgentBinding | null };

export function createAgentBindings({
  reader,
  hostConfigs,
  writer,
}: {
  reader: Reader;
  hostConfigs: HostConfigs;
  writer: AgentConfigWriter;
}) {
  return {
    /** Throws AppError. */
    list: (serverId: string, agentId: string, { signal }: { signal: AbortSignal }) =>
      reader.read(
        serverId,
        {
          what: `agents/${agentId}/bindings`,
          schema: z.object({ bindings: z.array(agentBinding) }),
          keep: 'memory',
          fromGateway: async (call) => ({ bindings: boundIn(await readAgents(call), agentId) }),
          fromHost: async (_call, limits) => ({
            bindings: boundIn(await readAgentsOnHost(hostConfigs, serverId, limits), agentId),
          }),
        },
        { signal },
      ),

    /** Replaces the bindings of this agent alone. Throws AppError `conflict` where another agent has the same. */
    async update(
      serverId: string,
      agentId: string,
      wanted: readonly AgentBinding[],
      options: ChangeOptions,
    ): Promise<AgentBinding[]> {
      const reading = await writer.update(
        serverId,
        agentId,
        ({ config }) => ({
          patch: { bindings: withBindings(config, agentId, wanted) },
          note: `Bindings of the agent ${agentId} changed`,
        }),
        options,
      );
      return boundIn(reading, agentId);
    },
  };
}

function boundIn(reading: AgentsReading, agentId: string): AgentBinding[] {
  agentIn(reading, agentId);
  return bindingsOf(reading.config, agentId);
}

/** Those of one agent, in their order. */
export function bindingsOf(config: ConfigObject, agentId: string): AgentBinding[] {
  return written(config).flatMap(({ agentId: of, binding }) =>
    of === agentId && binding !== null ? [binding] : [],
  );
}

/**
 * The whole list with those of `agentId` replaced. Existing entries stay unchanged, including fields that Buoy does not show.
 * Throws AppError `conflict` where another agent has the same.
 */
export function withBindings(
  config: ConfigObject,
  agentId: string,
  wanted: readonly AgentBinding[],
): unknown[] {
  const present = written(config);
  for (const binding of wanted) {
    const other = present.find((one) => one.agentId !== agentId && isSame(one.binding, binding));
    if (other !== undefined)
      throw new AppError('conflict', `The agent ${other.agentId} has the same binding.`, {
        hint: 'Remove it from that agent first.',
        details: { agentId: other.agentId, binding },
      });
  }
  const kept = present.filter(
    ({ agentId: of, binding }) =>
      of !== agentId || binding === null || wanted.some((one) => isSame(one, binding)),
  );
  const fresh = wanted.filter(
    (binding, index) =>
      !present.some((one) => one.agentId === agentId && isSame(one.binding, binding)) &&
      wanted.findIndex((one) => isSame(one, binding)) === index,
  );
  return [...kept.map(({ raw }) => raw), ...fresh.map((binding) => entryOf(agentId, binding))];
}

function written(config: ConfigObject): Written[] {
  const list = Array.isArray(config.bindings) ? config.bindings : [];
  return list.map((raw: unknown) => {
    const { agentId, type, match } = route.safeParse(raw).data ?? {};
    const peer = match?.peer;
    const isRoute = (type ?? 'route') === 'route' && match?.channel != null;
    return {
      raw,
      agentId: agentId ?? null,
      binding: isRoute
        ? {
            channel: match.channel!,
            account: match.accountId ?? null,
            peer: peer?.kind == null || peer.id == null ? null : { kind: kindOf(peer.kind), id: peer.id },
          }
        : null,
    };
  });
}

/** `dm` is an old word for `direct`. */
function kindOf(kind: string): string {
  return kind === 'dm' ? 'direct' : kind;
}

function entryOf(agentId: string, { channel, account, peer }: AgentBinding): ConfigObject {
  return {
    agentId,
    match: {
      channel,
      ...(account === null ? {} : { accountId: account }),
      ...(peer === null ? {} : { peer }),
    },
  };
}

function isSame(one: AgentBinding | null, other: AgentBinding): boolean {
  return (
    one !== null &&
    one.channel === other.channel &&
    one.account === other.account &&
    one.peer?.kind === other.peer?.kind &&
    one.peer?.id === other.peer?.id
  );
}
