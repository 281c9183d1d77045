// Agents: listing, creating, changing and removing them. OpenClaw's own defaults for this lose data; Buoy guards against that.
import { setTimeout as pause } from 'node:timers/promises';
import { type Agent, type AgentChange, agent as agentSchema, type NewAgent } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ConfigApplied } from '../config/config-applied.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { CallWithConfigLock } from '../config/locked-call.ts';
import { createServerLocks } from '../config/server-locks.ts';
import type { ChangeOptions, ConfigWriter } from '../config/writer.ts';
import { APPLY_MS, CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import { firstOf } from '../reads/bounded.ts';
import type { Answer, GatewayCall, Reader } from '../reads/reader.ts';
import { patchFor } from './agent-change.ts';
import { agentIn, readAgents, readAgentsOnHost, refusedAgent } from './read-agents.ts';
import { workspaceFor } from './workspace-path.ts';

type Options = { signal: AbortSignal };

/** Milliseconds between two checks whether a change shows; each takes a few ms of the gateway. */
const CHECK_INTERVAL_MS = 100;
/** Milliseconds for changes to show where the version does not report when it has applied its config. */
const SHOW_MS = 10_000;

const created = z.looseObject({ agentId: z.string() });
const removal = z.looseObject({ failed: firstOf(z.unknown(), 20).catch([]) });

export type Agents = ReturnType<typeof createAgents>;

export function createAgents({
  gateways,
  callWithConfigLock,
  reader,
  hostConfigs,
  writer,
  configApplied,
  clock,
}: {
  gateways: Gateways;
  callWithConfigLock: CallWithConfigLock;
  reader: Reader;
  hostConfigs: HostConfigs;
  writer: ConfigWriter;
  configApplied: ConfigApplied;
  clock: Clock;
}) {
  /** Serializes creating and removing agents of a server, so that earlier checks are still current. */
  const locks = createServerLocks();

  const callOf =
    (serverId: string, signal?: AbortSignal): GatewayCall =>
    (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true });

  async function list(serverId: string, { signal }: Options): Promise<Answer<{ agents: Agent[] }>> {
    return reader.read(
      serverId,
      {
        what: 'agents',
        schema: z.object({ agents: z.array(agentSchema) }),
        fromGateway: async (call) => ({ agents: (await readAgents(call)).agents }),
        fromHost: async (_call, limits) => ({
          agents: (await readAgentsOnHost(hostConfigs, serverId, limits)).agents,
        }),
      },
      { signal },
    );
  }

  /** The change has been made: it shows, or will in a moment. */
  async function untilShown(serverId: string, shows: (agents: Agent[]) => boolean): Promise<Agent[]> {
    await configApplied(serverId, { deadlineMs: APPLY_MS });
    const endsAt = clock.now() + SHOW_MS;
    for (;;) {
      const { agents } = await readAgents(callOf(serverId));
      if (shows(agents) || clock.now() >= endsAt) return agents;
      await pause(CHECK_INTERVAL_MS);
    }
  }

  async function create(
    serverId: string,
    wanted: NewAgent,
    { signal, mayWrite }: Options & Pick<ChangeOptions, 'mayWrite'>,
  ): Promise<Agent> {
    const { id, name, emoji, workspace, model } = wanted;
    const { agents, configPath } = await readAgents(callOf(serverId, signal));
    if (agents.some((one) => one.id === id)) throw duplicate(id);
    if (configPath === null)
      throw new AppError('bad_gateway', 'The gateway did not report where its files are.', {
        hint: 'Update OpenClaw on this server.',
      });
    const place = workspaceFor(id, {
      wanted: workspace ?? null,
      configPath,
      occupied: agents.flatMap((one) =>
        one.workspace === null ? [] : [{ id: one.id, workspace: one.workspace }],
      ),
    });
    const answer = await explained(
      callWithConfigLock(
        serverId,
        'agents.create',
        // OpenClaw derives the id from the name: only the id itself is certain to yield that id.
        {
          name: id,
          workspace: place,
          ...(emoji === undefined ? {} : { emoji }),
          ...(model === undefined ? {} : { model }),
        },
        created,
        { deadlineMs: CHANGE_MS, signal, mayWrite },
      ),
      [{ when: ({ message }) => message.includes('already exists'), is: () => duplicate(id) }],
    ).catch((error: unknown) => {
      throw hasVanished(error) ? vanished(id, error) : error;
    });
    // From here on it is completed or undone, even when the caller has left.
    try {
      if (answer.agentId !== id)
        throw new AppError('refused', `OpenClaw would call this agent ${answer.agentId}.`, {
          hint: 'Choose that id or another one.',
        });
      await untilShown(serverId, (now) => now.some((one) => one.id === id));
      if (name !== undefined && name !== id)
        await callWithConfigLock(serverId, 'agents.update', { agentId: id, name }, z.unknown(), {
          deadlineMs: CHANGE_MS,
        });
    } catch (error) {
      throw await undone(serverId, answer.agentId, error);
    }
    const shown = await untilShown(serverId, (now) =>
      now.some((one) => one.id === id && one.name === (name ?? id)),
    );
    return agentIn({ agents: shown }, id);
  }

  async function undone(serverId: string, agentId: string, error: unknown): Promise<unknown> {
    if (!isAppError(error)) return error;
    const isGone = await callWithConfigLock(
      serverId,
      'agents.delete',
      { agentId, deleteFiles: false },
      z.unknown(),
      {
        deadlineMs: CHANGE_MS,
      },
    ).then(
      () => true,
      () => false,
    );
    return new AppError(error.code, error.message, {
      hint: isGone
        ? 'The agent was removed again; its workspace folder remains.'
        : `An unfinished agent ${agentId} remains: change it or remove it.`,
      details: error.details,
      cause: error,
    });
  }

  async function update(
    serverId: string,
    agentId: string,
    change: AgentChange,
    { by, signal, mayWrite }: Options & Pick<ChangeOptions, 'mayWrite'> & { by: string },
  ): Promise<Agent> {
    const reading = await readAgents(callOf(serverId, signal));
    agentIn(reading, agentId);
    const patch = patchFor(reading, agentId, change);
    if (patch === null) return agentIn(reading, agentId);
    await writer.patchConfig(serverId, { patch, by, note: `Agent ${agentId} changed` }, { signal, mayWrite });
    const { name, model, isDefault } = change;
    const shown = await untilShown(serverId, (agents) =>
      agents.some(
        (one) =>
          one.id === agentId &&
          (name === undefined || one.name === name) &&
          (model == null || one.model === model) &&
          (isDefault === undefined || one.isDefault),
      ),
    );
    return agentIn({ agents: shown }, agentId);
  }

  async function remove(
    serverId: string,
    agentId: string,
    { deleteFiles, signal }: Options & { deleteFiles: boolean },
  ): Promise<void> {
    const reading = await readAgents(callOf(serverId, signal));
    const { isDefault } = agentIn(reading, agentId);
    if (reading.agents.length === 1)
      throw new AppError('conflict', 'This is the last agent of the server.', {
        hint: 'Create another agent first.',
      });
    if (isDefault)
      throw new AppError('conflict', 'This is the default agent of the server.', {
        hint: 'Make another agent the default one first: PUT it with {"isDefault": true}.',
      });
    const { failed } = await explained(
      callWithConfigLock(serverId, 'agents.delete', { agentId, deleteFiles }, removal, {
        deadlineMs: CHANGE_MS,
        signal,
      }),
      refusedRemovals(agentId),
    );
    await untilShown(serverId, (agents) => !agents.some(({ id }) => id === agentId));
    if (failed.length > 0)
      throw new AppError('refused', 'The agent was removed, but some of its files were not.', {
        hint: 'Remove these files on the server.',
        details: { left: failed.length },
      });
  }

  return {
    /** All agents. Throws AppError. */
    list,

    /** Throws AppError `not_found`. */
    async find(serverId: string, agentId: string, options: Options): Promise<Answer<{ agent: Agent }>> {
      const { agents, source, observedAt } = await list(serverId, options);
      return { agent: agentIn({ agents }, agentId), source, observedAt };
    },

    /**
     * Creates an agent and waits until it shows. Throws AppError: `duplicate`, `conflict` for a workspace that overlaps with
     * another one, `invalid_request` for one that is no absolute path. An incomplete agent is undone.
     */
    create: (serverId: string, wanted: NewAgent, options: Options & Pick<ChangeOptions, 'mayWrite'>) =>
      locks.run(serverId, () => create(serverId, wanted, options), options.signal),

    /** Changes an agent by one patch of the config and waits until it shows. Throws AppError. */
    update,

    /** Removes an agent; workspace and sessions stay unless `deleteFiles`. Throws AppError `conflict` for the default and the last one. */
    remove: (serverId: string, agentId: string, options: Options & { deleteFiles: boolean }) =>
      locks.run(serverId, () => remove(serverId, agentId, options), options.signal),
  };
}

function duplicate(id: string): AppError {
  return new AppError('duplicate', `The agent ${id} already exists.`, { hint: 'Choose another id.' });
}

/** Both versions refuse to refill a workspace that was removed manually, and call that UNAVAILABLE. */
const vanishedDetails = z.looseObject({
  openclaw: z.looseObject({ message: z.string().startsWith('WorkspaceVanishedError') }),
});

function hasVanished(error: unknown): boolean {
  return isAppError(error, 'gateway_unavailable') && vanishedDetails.safeParse(error.details).success;
}

function vanished(id: string, cause: unknown): AppError {
  return new AppError(
    'conflict',
    'An earlier agent used this workspace, and its folder was removed manually.',
    {
      hint: 'Choose another workspace, or put the folder back on the server.',
      details: { agentId: id },
      cause,
    },
  );
}

/** In OpenClaw's words: 2026.7.35 never removes `main`, 2026.9.6 not the agent whose keys others use. */
function refusedRemovals(agentId: string): Meaning[] {
  return [
    refusedAgent(agentId),
    {
      when: ({ message }) => message.includes('cannot be deleted'),
      is: ({ message }) =>
        new AppError('conflict', `OpenClaw does not let go of the agent ${agentId}.`, {
          hint: 'The details quote its message.',
          details: { openclaw: { message } },
        }),
    },
  ];
}
