// The agents of a server: who they are, their files, which skills they may use, what is routed to them, their keys.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { id, line, name, text, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

/** What Buoy gives out; a path also takes ids with "_", which OpenClaw allows. */
const newAgentId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'must be an agent id: small letters, digits and "-", at most 63, not starting with "-"',
});
const agentId = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
  error: 'must be an agent id: small letters, digits, "-" and "_", at most 64',
});
const agentParams = z.strictObject({ id, agentId });

const sandbox = z.object({
  mode: z.string().nullable(),
  scope: z.string().nullable(),
  workspaceAccess: z.string().nullable(),
});
const heartbeat = z.object({
  /** A duration as OpenClaw writes it: "30m"; "0m" is off. */
  every: z.string().nullable(),
  target: z.string().nullable(),
  model: z.string().nullable(),
});

export const agent = z
  .object({
    id: z.string(),
    name: z.string(),
    emoji: z.string().nullable(),
    /** Absolute, on the server. */
    workspace: z.string().nullable(),
    model: z.string().nullable(),
    /** How hard it thinks: "off", "low" … */
    thinking: z.string().nullable(),
    sandbox: sandbox.nullable(),
    toolsProfile: z.string().nullable(),
    heartbeat: heartbeat.nullable(),
    /** Which of the five above are the defaults of all agents and not its own. */
    inherited: z.array(z.enum(['model', 'thinking', 'sandbox', 'toolsProfile', 'heartbeat'])),
    isDefault: z.boolean(),
    bindings: count,
    createdAt: time.nullable(),
  })
  .meta({ id: 'Agent' });
export type Agent = z.output<typeof agent>;

export const newAgent = z
  .strictObject({
    id: newAgentId,
    name: name(200).optional(),
    emoji: line(64).optional(),
    /** Absolute, or below `~/`. Without it a folder of its own beside that of the main agent. */
    workspace: line(1024).optional(),
    model: line(200).optional(),
  })
  .meta({ id: 'NewAgent' });
export type NewAgent = z.output<typeof newAgent>;

/** What is absent stays; null takes the default of all agents. */
export const agentChange = z
  .strictObject({
    name: name(200).optional(),
    emoji: line(64).nullable().optional(),
    model: line(200).nullable().optional(),
    thinking: line(40).nullable().optional(),
    sandbox: z
      .strictObject({
        mode: line(40).nullable().optional(),
        scope: line(40).nullable().optional(),
        workspaceAccess: line(40).nullable().optional(),
      })
      .nullable()
      .optional(),
    toolsProfile: line(40).nullable().optional(),
    heartbeat: z
      .strictObject({
        every: line(40).nullable().optional(),
        target: line(200).nullable().optional(),
        model: line(200).nullable().optional(),
      })
      .nullable()
      .optional(),
    /** Another agent stops being the default by this one becoming it. */
    isDefault: z.literal(true).optional(),
  })
  .meta({ id: 'AgentChange' });
export type AgentChange = z.output<typeof agentChange>;

/** Bytes of UTF-8. */
export const MAX_AGENT_FILE_BYTES = 256 * 1024;

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, { error: 'must be a file name' });
const fileParams = agentParams.extend({ name: fileName });

export const agentFileEntry = z.object({
  name: z.string(),
  size: count.nullable(),
  updatedAt: time.nullable(),
  /** OpenClaw reads it when it is there; it is not. */
  missing: z.boolean(),
});
export type AgentFileEntry = z.output<typeof agentFileEntry>;

export const agentFile = agentFileEntry
  .extend({
    content: z.string(),
    /** SHA-256 of the content in hex, for `PUT`; null when the file is not there. */
    hash: z.string().nullable(),
  })
  .meta({ id: 'AgentFile' });
export type AgentFile = z.output<typeof agentFile>;

export const agentSkills = z
  .object({
    mode: z.enum(['all', 'only']),
    /** The only ones that the agent may use; empty with mode "all". */
    names: z.array(z.string()),
    /** The agent has no list of its own: this is what all agents have by default. */
    inherited: z.boolean(),
    /** Those of `names` that no skill on the server has. null when nobody could tell. */
    unknown: z.array(z.string()).nullable(),
  })
  .meta({ id: 'AgentSkills' });
export type AgentSkills = z.output<typeof agentSkills>;

const agentSkillsChange = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('all'), names: z.array(line(200)).max(0).optional() }),
  z.strictObject({ mode: z.literal('only'), names: z.array(line(200)).max(500) }),
]);
export type AgentSkillsChange = z.output<typeof agentSkillsChange>;

const peerKind = z.enum(['direct', 'group', 'channel']);

export const agentBinding = z
  .object({
    channel: z.string(),
    /** null: the default account of the channel; "*": each. */
    account: z.string().nullable(),
    /** One conversation; null: all of them. */
    peer: z.object({ kind: z.string(), id: z.string() }).nullable(),
  })
  .meta({ id: 'AgentBinding' });
export type AgentBinding = z.output<typeof agentBinding>;

const agentBindingsChange = z.strictObject({
  bindings: z
    .array(
      z.strictObject({
        channel: line(100),
        account: line(200).nullable().default(null),
        peer: z
          .strictObject({ kind: peerKind, id: line(200) })
          .nullable()
          .default(null),
      }),
    )
    .max(200),
});

export const agentKey = z
  .object({
    provider: z.string(),
    /** `sk-…abcd`: never more of it. null when nobody could tell. */
    masked: z.string().nullable(),
    /** How the provider is signed in to; "api_key" where it is a key. */
    type: z.string(),
    /**
     * `agent`: of this agent alone. `gateway`: shared by all agents that have none of their own. A shared one is replaced and
     * removed for all of them, through whichever agent.
     */
    scope: z.enum(['agent', 'gateway']),
    /** `store`: saved by OpenClaw, can be replaced and removed here. `config`: stands in openclaw.json. `environment`: a variable. */
    source: z.enum(['store', 'config', 'environment']),
  })
  .meta({ id: 'AgentKey' });
export type AgentKey = z.output<typeof agentKey>;

const keyTest = z.object({
  ok: z.boolean(),
  /** OpenClaw's own word: "ok", "auth", "no_model" … */
  status: z.string(),
  latencyMs: count.nullable(),
  error: z.string().nullable(),
});
export type KeyTest = z.output<typeof keyTest>;

const provider = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: 'must be the id of a provider' });
const keyParams = agentParams.extend({ provider });

export const openclawAgentsEndpoints = {
  'GET /servers/:id/openclaw/agents': {
    summary: 'All agents',
    params: z.strictObject({ id }),
    status: 200,
    response: readOf({ agents: z.array(agent) }),
  },
  'POST /servers/:id/openclaw/agents': {
    summary: 'A new agent, with a workspace of its own',
    params: z.strictObject({ id }),
    body: newAgent,
    status: 201,
    response: z.object({ agent }),
  },
  'GET /servers/:id/openclaw/agents/:agentId': {
    summary: 'One agent',
    params: agentParams,
    status: 200,
    response: readOf({ agent }),
  },
  'PUT /servers/:id/openclaw/agents/:agentId': {
    summary: 'Change an agent, or make it the default one',
    params: agentParams,
    body: agentChange,
    status: 200,
    response: z.object({ agent }),
  },
  'DELETE /servers/:id/openclaw/agents/:agentId': {
    summary:
      'Remove an agent; its workspace stays unless deleteFiles=true. Not the default and not the last one',
    params: agentParams,
    query: z.strictObject({ deleteFiles: z.enum(['true', 'false']).default('false') }),
    status: 204,
  },
  'GET /servers/:id/openclaw/agents/:agentId/files': {
    summary: 'The files that OpenClaw reads for an agent',
    params: agentParams,
    status: 200,
    response: readOf({ files: z.array(agentFileEntry) }),
  },
  'GET /servers/:id/openclaw/agents/:agentId/files/:name': {
    summary: 'One file with its content',
    params: fileParams,
    status: 200,
    response: readOf({ file: agentFile }),
  },
  'PUT /servers/:id/openclaw/agents/:agentId/files/:name': {
    summary: 'Write a file; refused when it changed since `hash` (null: when it is there by now)',
    params: fileParams,
    body: z.strictObject({
      content: text(MAX_AGENT_FILE_BYTES, 0).refine(
        (value) => new TextEncoder().encode(value).length <= MAX_AGENT_FILE_BYTES,
        { error: `must not have more than ${MAX_AGENT_FILE_BYTES} bytes` },
      ),
      hash: z
        .string()
        .regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in hex' })
        .nullable()
        .optional(),
    }),
    status: 200,
    response: z.object({ file: agentFile }),
  },
  'GET /servers/:id/openclaw/agents/:agentId/skills': {
    summary: 'Which skills the agent may use',
    params: agentParams,
    status: 200,
    response: readOf({ skills: agentSkills }),
  },
  'PUT /servers/:id/openclaw/agents/:agentId/skills': {
    summary: 'Say which skills the agent may use',
    params: agentParams,
    body: agentSkillsChange,
    status: 200,
    response: z.object({ skills: agentSkills }),
  },
  'GET /servers/:id/openclaw/agents/:agentId/bindings': {
    summary: 'Which channels and conversations the agent answers',
    params: agentParams,
    status: 200,
    response: readOf({ bindings: z.array(agentBinding) }),
  },
  'PUT /servers/:id/openclaw/agents/:agentId/bindings': {
    summary: 'Say which channels and conversations the agent answers; those of other agents stay',
    params: agentParams,
    body: agentBindingsChange,
    status: 200,
    response: z.object({ bindings: z.array(agentBinding) }),
  },
  'GET /servers/:id/openclaw/agents/:agentId/keys': {
    summary: 'The keys of model providers that the agent can use, masked',
    params: agentParams,
    status: 200,
    response: readOf({ keys: z.array(agentKey) }),
  },
  'GET /servers/:id/openclaw/agents/:agentId/keys/:provider': {
    summary: 'The key of one provider, masked',
    params: keyParams,
    status: 200,
    response: readOf({ key: agentKey }),
  },
  'PUT /servers/:id/openclaw/agents/:agentId/keys/:provider': {
    summary:
      'Save a key, in place of the one that the agent uses, shared or its own; it is never shown again',
    params: keyParams,
    body: z.strictObject({ apiKey: line(4096) }),
    status: 200,
    response: z.object({ key: agentKey }),
  },
  'DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider': {
    summary: 'Remove a saved key; one with scope "gateway" for all agents',
    params: keyParams,
    status: 204,
  },
  'POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test': {
    summary: 'Ask the provider one small question with the key',
    params: keyParams,
    status: 200,
    response: z.object({ test: keyTest }),
  },
} as const satisfies Endpoints;
