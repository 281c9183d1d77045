// What differs between a server as the file describes it and as it is. Nothing is read or written here, and secrets cannot be compared.
import type { Agent, OpenclawModels, OpenclawStatus, Server } from '@buoy/contract';
import { commandLine } from '../../output/command-line.ts';
import type { DescribedServer, DescribedSetup, Login } from './servers-file.ts';

/** Fields of a server in Buoy by which it is another place, or is logged in to otherwise: its secret is sent again. */
const routeFields = ['host', 'port', 'username', 'login', 'jump'] as const;
type RecordField = (typeof routeFields)[number] | 'name' | 'tags' | 'host key';

/** `from` is null for what is not there. */
export type PlannedChange<Field extends string = string> = { field: Field; from: string | null; to: string };
export type RecordChange = PlannedChange<RecordField>;

/** undefined: left as it is; null: none; `id` null: it is added by the same file. `name`: with its owner where that is somebody else. */
export type JumpChoice = { id: string | null; name: string } | null | undefined;

/** Where OpenClaw on a server stands. Agents and models are null where they were not asked for or could not be read. */
export type SetupFacts = {
  status: OpenclawStatus;
  /** The gateway itself answered. */
  isFromGateway: boolean;
  agents: readonly Agent[] | null;
  models: OpenclawModels | null;
};

/** @param nameOf the name of a server with this id */
export function recordChanges(
  described: DescribedServer,
  server: Server,
  jump: JumpChoice,
  nameOf: (id: string) => string,
): RecordChange[] {
  const changes: RecordChange[] = [];
  const compare = (field: RecordField, from: string | null, to: string | undefined) => {
    if (to !== undefined && from !== to) changes.push({ field, from, to });
  };
  compare('name', server.name, described.name);
  compare('host', server.host, described.host);
  compare('port', String(server.port), described.port?.toString());
  compare('username', server.username, described.username);
  compare('login', loginText(server.authType), described.auth && loginText(authTypeOf(described.auth)));
  if (described.tags !== undefined && !isSameSet(server.tags, described.tags))
    changes.push({ field: 'tags', from: tagsText(server.tags), to: tagsText(described.tags) });
  if (jump !== undefined && (jump?.id !== (server.jumpServerId ?? undefined) || server.jumpServerRemoved)) {
    const from = server.jumpServerRemoved
      ? 'removed'
      : server.jumpServerId === null
        ? null
        : nameOf(server.jumpServerId);
    changes.push({ field: 'jump', from, to: jump === null ? 'none' : jump.name });
  }
  compare('host key', server.hostKey?.fingerprint ?? null, described.hostKey);
  return changes;
}

/** Whether the server is reached or logged in to in another way after these changes. */
export function isMoved(changes: readonly RecordChange[]): boolean {
  return changes.some(({ field }) => routeFields.some((one) => one === field));
}

/** Why a setup must run; empty for a gateway that is set up and as described. */
export function setupChanges(setup: DescribedSetup, facts: SetupFacts): PlannedChange[] {
  const { status, agents, models } = facts;
  const { gateway } = status;
  if (!status.installed)
    return [{ field: 'OpenClaw', from: 'not installed', to: setup.openclaw?.version ?? 'latest' }];
  const changes: PlannedChange[] = [];
  /** What cannot be told now is no reason. */
  const compare = (field: string, from: string | null, to: string | undefined) => {
    if (from !== null && to !== undefined && from !== to) changes.push({ field, from, to });
  };
  compare('gateway', gatewayText(facts), 'running');
  compare('port', gateway.port?.toString() ?? null, setup.gateway?.port?.toString());
  compare('address', gateway.bind, setup.gateway?.bind);
  if (models !== null && !hasProvider(setup, models))
    changes.push({ field: 'provider', from: null, to: providerOf(setup) });
  const { channel, agent } = setup;
  if (channel && !isConfigured(channelState(facts, channel.account)))
    changes.push({ field: `channel ${channelText(channel)}`, from: null, to: 'connected' });
  if (agent !== undefined && agents !== null) {
    const there = agents.find(({ id }) => id === agent.id);
    if (there === undefined) changes.push({ field: `agent ${agent.id}`, from: null, to: 'made' });
    else
      for (const field of ['name', 'emoji', 'model'] as const)
        compare(`${field} of agent ${agent.id}`, there[field] ?? '', agent[field]);
  }
  return changes;
}

/** What differs and stays so, with the command for it. */
export function setupNotes(setup: DescribedSetup, facts: SetupFacts, serverId: string): string[] {
  const { status, models } = facts;
  if (!status.installed) return [];
  const notes: string[] = [];
  const version = setup.openclaw?.version ?? 'latest';
  if (version !== 'latest' && status.version !== null && status.version !== version)
    notes.push(
      `It has OpenClaw ${status.version}, and an installed version stays. Update it: ${commandLine('buoy', 'openclaw', 'update', serverId, '--openclaw-version', version)}`,
    );
  const provider = providerOf(setup);
  if (
    setup.onboard.apiKey !== undefined &&
    models?.providers.some(({ id, hasKey }) => id === provider && hasKey === false) === true
  )
    notes.push(
      `It has no key for ${provider}. Give it one: ${commandLine('buoy', 'openclaw', 'agents', 'keys', 'set', serverId, setup.agent?.id ?? 'main', provider)}`,
    );
  if (setup.channel) {
    const state = channelState(facts, setup.channel.account);
    if (state === 'disconnected' || state === 'stopped')
      notes.push(`Its channel ${channelText(setup.channel)} is ${state}.`);
  }
  return notes;
}

export function authTypeOf(login: Login): Server['authType'] {
  return login.password === undefined ? 'key' : 'password';
}

/** The name that models of the provider begin with, as for a setup. */
export function providerOf({ onboard }: Pick<DescribedSetup, 'onboard'>): string {
  return onboard.provider === 'custom' ? onboard.providerId : onboard.provider;
}

/**
 * The provider is that of the first config: a default model that somebody chose later, with the provider still there, is no
 * difference.
 */
function hasProvider(setup: DescribedSetup, { models, providers }: OpenclawModels): boolean {
  if (setup.onboard.provider === 'skip') return true;
  const name = providerOf(setup);
  if (models.some(({ provider, isDefault }) => isDefault && provider === name)) return true;
  return setup.onboard.apiKey === undefined
    ? models.some(({ provider }) => provider === name)
    : providers.some(({ id, hasKey }) => id === name && hasKey === true);
}

function gatewayText({ status, isFromGateway }: SetupFacts): string {
  const { gateway, service } = status;
  if (gateway.state !== 'running') return gateway.state.replace('_', ' ');
  if (service.manager === 'none') return 'no service';
  if (!gateway.ready) return 'not ready';
  return isFromGateway ? 'running' : 'without an answer';
}

type ChannelState = OpenclawStatus['channels'][number]['state'] | null;

function channelState({ status }: SetupFacts, wanted: string): ChannelState {
  return status.channels.find(({ id, account }) => id === 'telegram' && account === wanted)?.state ?? null;
}

function isConfigured(state: ChannelState): boolean {
  return state !== null && state !== 'not_configured' && state !== 'disabled';
}

function channelText({ type, account }: { type: string; account: string }): string {
  return account === 'default' ? type : `${type} (${account})`;
}

function loginText(authType: Server['authType']): string {
  return authType === 'key' ? 'by key' : 'by password';
}

function tagsText(tags: readonly string[]): string {
  return tags.length === 0 ? 'none' : tags.join(', ');
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const [first, second] = [new Set(one), new Set(other)];
  return first.size === second.size && [...first].every((item) => second.has(item));
}
