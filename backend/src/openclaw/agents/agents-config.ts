// The agents as the config has them: `agents.entries` (2026.9.6) or `agents.list` (2026.7.35), and what all agents have by default.
import type { Agent } from '@buoy/contract';
import { type ConfigObject, isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { listedTooMany } from '../gateway/failures.ts';
import { firstOf, nameText, ownValue } from '../reads/bounded.ts';

/** Most agents and bindings of one server; more are refused before they are parsed. */
export const MAX_AGENTS = 1_000;
export const MAX_BINDINGS = 2_000;

const word = nameText.nullish().catch(null);
const model = z
  .union([z.string(), z.looseObject({ primary: word })])
  .nullish()
  .catch(null);
const owner = z.looseObject({ agentId: word }).nullish().catch(null);

/** What an agent and the defaults of all agents share. */
const settings = {
  workspace: word,
  model,
  thinkingDefault: word,
  sandbox: z.looseObject({ mode: word, scope: word, workspaceAccess: word }).nullish().catch(null),
  heartbeat: z.looseObject({ every: word, target: word, model: word }).nullish().catch(null),
  skills: firstOf(nameText, 1_000).nullish().catch(null),
};

const entry = z.looseObject({
  ...settings,
  name: word,
  identity: z.looseObject({ name: word, emoji: word }).nullish().catch(null),
  tools: z.looseObject({ profile: word }).nullish().catch(null),
  default: z.boolean().nullish().catch(null),
});
type Entry = z.output<typeof entry>;

const config = z.looseObject({
  agents: z
    .looseObject({
      defaults: z.looseObject({ ...settings, systemAgent: owner, heartbeat: settings.heartbeat }).nullish(),
      ownership: word,
      entries: z.record(z.string(), entry).nullish(),
      list: z
        .array(entry.extend({ id: z.string() }))
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  tools: z.looseObject({ profile: word }).nullish().catch(null),
  bindings: z
    .array(z.looseObject({ agentId: word }))
    .nullish()
    .catch(null),
});

export type ConfiguredAgent = { id: string; entry: Entry };

export type AgentsConfig = {
  /** How this version stores agents. */
  form: 'entries' | 'list';
  agents: ConfiguredAgent[];
  /** null in a fleet of 2026.9.6 whose config names none. */
  defaultId: string | null;
  defaults: {
    workspace: string | null;
    model: string | null;
    thinking: string | null;
    sandbox: Agent['sandbox'];
    toolsProfile: string | null;
    heartbeat: Agent['heartbeat'];
    /** null: not limited. */
    skills: string[] | null;
    /** The agent that does the heartbeats which belong to none. */
    heartbeatAgentId: string | null;
  };
  bindings: Record<string, number>;
};

/** Without any agent of its own OpenClaw has one, `main`. */
const SOLE_AGENT = 'main';

export function readAgentsConfig(value: ConfigObject): AgentsConfig {
  expectBounded(value);
  const parsed = config.safeParse(value);
  const { agents, tools, bindings } = parsed.success ? parsed.data : {};
  const form = agents?.entries != null ? 'entries' : 'list';
  const written =
    agents?.entries != null
      ? Object.entries(agents.entries).map(([id, entry]) => ({ id, entry }))
      : (agents?.list ?? []).map((entry) => ({ id: entry.id, entry }));
  const agentsConfig = written.length > 0 ? written : [{ id: SOLE_AGENT, entry: entry.parse({}) }];
  const defaults = agents?.defaults;
  return {
    form,
    agents: agentsConfig,
    defaultId: defaultOf(agentsConfig, agents?.ownership ?? null, defaults?.systemAgent?.agentId ?? null),
    defaults: {
      workspace: defaults?.workspace ?? null,
      model: primaryOf(defaults?.model),
      thinking: defaults?.thinkingDefault ?? null,
      sandbox: sandboxOf(defaults?.sandbox),
      toolsProfile: tools?.profile ?? null,
      heartbeat: heartbeatOf(defaults?.heartbeat),
      skills: defaults?.skills ?? null,
      heartbeatAgentId: owner.parse(defaults?.heartbeat)?.agentId ?? null,
    },
    bindings: countsOf((bindings ?? []).map(({ agentId }) => agentId ?? '')),
  };
}

/** Throws `output_too_large`: in a truncated config, the missing part would appear not to exist. */
function expectBounded({ agents, bindings }: ConfigObject): void {
  const { entries, list } = isObject(agents) ? agents : {};
  const agentCount = Math.max(
    isObject(entries) ? Object.keys(entries).length : 0,
    Array.isArray(list) ? list.length : 0,
  );
  if (agentCount > MAX_AGENTS) throw listedTooMany("OpenClaw's config comes", MAX_AGENTS);
  if (Array.isArray(bindings) && bindings.length > MAX_BINDINGS)
    throw listedTooMany("OpenClaw's config comes", MAX_BINDINGS);
}

/** As docs/gateway/config-agents of 2026.9.6 says; a marked agent, else the first, in 2026.7.35. */
function defaultOf(
  agentsConfig: ConfiguredAgent[],
  ownership: string | null,
  systemAgent: string | null,
): string | null {
  const named = agentsConfig.find(({ id }) => id === systemAgent);
  if (named !== undefined) return named.id;
  if (agentsConfig.length === 1) return agentsConfig[0]!.id;
  if (ownership === 'explicit') return null;
  return (agentsConfig.find(({ entry }) => entry.default === true) ?? agentsConfig[0]!).id;
}

/** One agent for the API, from the config alone. */
export function agentFrom(agentsConfig: AgentsConfig, { id, entry }: ConfiguredAgent): Agent {
  const { defaults } = agentsConfig;
  const own = {
    model: primaryOf(entry.model),
    thinking: entry.thinkingDefault ?? null,
    sandbox: sandboxOf(entry.sandbox),
    toolsProfile: entry.tools?.profile ?? null,
    heartbeat: heartbeatOf(entry.heartbeat),
  };
  const fields = ['model', 'thinking', 'sandbox', 'toolsProfile', 'heartbeat'] as const;
  return {
    id,
    name: entry.name ?? entry.identity?.name ?? id,
    emoji: entry.identity?.emoji || null,
    workspace: entry.workspace ?? (id === agentsConfig.defaultId ? defaults.workspace : null),
    model: own.model ?? defaults.model,
    thinking: own.thinking ?? defaults.thinking,
    sandbox: own.sandbox ?? defaults.sandbox,
    toolsProfile: own.toolsProfile ?? defaults.toolsProfile,
    heartbeat: own.heartbeat ?? defaults.heartbeat,
    inherited: fields.filter((field) => own[field] === null),
    isDefault: id === agentsConfig.defaultId,
    bindings: ownValue(agentsConfig.bindings, id) ?? 0,
    createdAt: null,
  };
}

/** A config patch that changes one agent. */
export function patchOfAgent({ form }: AgentsConfig, id: string, change: ConfigObject): ConfigObject {
  return form === 'entries'
    ? { agents: { entries: { [id]: change } } }
    : { agents: { list: [{ id, ...change }] } };
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function primaryOf(value: Entry['model']): string | null {
  return (typeof value === 'string' ? value : value?.primary) || null;
}

function sandboxOf(value: Entry['sandbox']): Agent['sandbox'] {
  if (value == null) return null;
  const { mode, scope, workspaceAccess } = value;
  if (mode == null && scope == null && workspaceAccess == null) return null;
  return { mode: mode ?? null, scope: scope ?? null, workspaceAccess: workspaceAccess ?? null };
}

function heartbeatOf(value: Entry['heartbeat']): Agent['heartbeat'] {
  if (value == null) return null;
  const { every, target, model } = value;
  if (every == null && target == null && model == null) return null;
  return { every: every ?? null, target: target ?? null, model: model ?? null };
}
