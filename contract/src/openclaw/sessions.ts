// Conversations with agents: what there is, what was said, saying something, and tidying up.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { cursor, id, jsonValue, limit, line, name, text, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

/** OpenClaw's own key, as in `agent:main:main`; in a path it is URL-encoded. */
const sessionKey = line(256);
const sessionParams = z.strictObject({ id, key: sessionKey });

/** `unknown`: a state that this Buoy has no word for. null: it has never run. */
export const sessionStatus = z.enum(['running', 'done', 'failed', 'killed', 'timeout', 'unknown']);

export const openclawSession = z
  .object({
    key: z.string(),
    agentId: z.string().nullable(),
    /** What a person called it. */
    label: z.string().nullable(),
    /** The label, else what OpenClaw calls it; null when all that is known is the key. */
    title: z.string().nullable(),
    /** OpenClaw's word, as in direct, group or cron. */
    kind: z.string().nullable(),
    /** The main session of its agent, which cannot be deleted. */
    isMain: z.boolean(),
    status: sessionStatus.nullable(),
    running: z.boolean(),
    /** Runs under way, by id; empty also where OpenClaw does not tell them. */
    activeRunIds: z.array(z.string()),
    /** These three are null where OpenClaw's command on the host does not tell them. */
    pinned: z.boolean().nullable(),
    archived: z.boolean().nullable(),
    unread: z.boolean().nullable(),
    createdAt: time.nullable(),
    updatedAt: time.nullable(),
    lastInteractionAt: time.nullable(),
    /** `provider/name`. */
    model: z.string().nullable(),
    thinking: z.string().nullable(),
    /** Levels that `thinking` can have with this model; empty when unknown. */
    thinkingLevels: z.array(z.string()),
    tokens: z.object({
      /** Of the last run. */
      input: count.nullable(),
      output: count.nullable(),
      /** In the context at the last read. */
      total: count.nullable(),
      /** What the context can hold. */
      context: count.nullable(),
      /** `total` is not how full the context is now: it was compacted since, or the last run could not be counted. */
      staleSinceCompaction: z.boolean(),
    }),
    /** OpenClaw's estimate of the last run, by the prices in its config; null when there is none. */
    costUsd: z.number().nonnegative().nullable(),
  })
  .meta({ id: 'OpenclawSession' });
export type OpenclawSession = z.output<typeof openclawSession>;

export const openclawMessage = z
  .object({
    /** Of this entry in the transcript. */
    id: z.string().nullable(),
    runId: z.string().nullable(),
    role: z.enum(['user', 'assistant', 'tool', 'system']),
    at: time.nullable(),
    text: z.string(),
    toolCalls: z.array(z.object({ id: z.string().nullable(), name: z.string(), arguments: jsonValue })),
    /** For the role `tool`: which call it answers. */
    toolResult: z
      .object({ callId: z.string().nullable(), name: z.string().nullable(), failed: z.boolean() })
      .nullable(),
    /** Kinds of content beside text and tool calls, as in `image`. */
    attachments: z.array(z.string()),
    /** `provider/name`. */
    model: z.string().nullable(),
    usage: z
      .object({
        input: count,
        output: count,
        total: count,
        cacheRead: count,
        cacheWrite: count,
        costUsd: z.number().nonnegative().nullable(),
      })
      .nullable(),
    stopReason: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'OpenclawMessage' });
export type OpenclawMessage = z.output<typeof openclawMessage>;

export const sessionList = z.object({
  sessions: z.array(openclawSession),
  nextCursor: z.string().nullable(),
});
export const oneSession = z.object({ session: openclawSession });
/** The newest page first; within a page the oldest message first. `nextCursor` leads to what was said before. */
export const sessionMessages = z.object({
  messages: z.array(openclawMessage),
  nextCursor: z.string().nullable(),
});

export const sessionChange = z.strictObject({
  /** null takes it away. */
  label: name(512).nullable().optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  /** `provider/name`; null: the agent's own. */
  model: line(256).nullable().optional(),
  /** One of the session's `thinkingLevels`; null: the default. */
  thinking: line(64).nullable().optional(),
});
export type SessionChange = z.output<typeof sessionChange>;

export const openclawSessionsEndpoints = {
  'GET /servers/:id/openclaw/sessions': {
    summary: 'Sessions of all agents, pinned ones first, then the newest',
    params: z.strictObject({ id }),
    query: z.strictObject({
      agentId: line(128).optional(),
      q: line(256).optional(),
      archived: z.enum(['true', 'false']).default('false'),
      limit,
      cursor,
    }),
    status: 200,
    response: readOf(sessionList.shape),
  },
  'GET /servers/:id/openclaw/sessions/:key': {
    summary: 'One session',
    params: sessionParams,
    status: 200,
    response: readOf(oneSession.shape),
  },
  'GET /servers/:id/openclaw/sessions/:key/messages': {
    summary: 'What was said, the newest page first',
    params: sessionParams,
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: readOf(sessionMessages.shape),
  },
  'POST /servers/:id/openclaw/sessions/:key/messages': {
    summary: 'Say something to the agent; the answer comes as events. A session that is not there is made',
    params: sessionParams,
    body: z.strictObject({ text: text(100_000) }),
    status: 202,
    response: z.object({
      run: z.object({
        id: z.string(),
        sessionKey: z.string(),
        /** `queued`: it waits, or joins a run that is under way. */
        status: z.enum(['started', 'queued']),
      }),
    }),
  },
  'POST /servers/:id/openclaw/sessions/:key/abort': {
    summary: 'Stop what the agent is doing in this session, or one run of it',
    params: sessionParams,
    body: z.strictObject({ runId: line(256).optional() }),
    status: 200,
    /** Nothing was aborted when nothing ran. */
    response: z.object({ aborted: z.boolean(), runIds: z.array(z.string()) }),
  },
  'POST /servers/:id/openclaw/sessions/:key/reset': {
    summary: 'Begin anew under the same key',
    params: sessionParams,
    status: 200,
    response: oneSession,
  },
  'POST /servers/:id/openclaw/sessions/:key/compact': {
    summary: 'Let the model sum up what was said, so that less context is used',
    params: sessionParams,
    status: 200,
    response: z.object({
      compaction: z.object({
        /** Not, when there was nothing to sum up or the summary was no good: `reason` has OpenClaw's words. */
        compacted: z.boolean(),
        reason: z.string().nullable(),
        tokensBefore: count.nullable(),
      }),
      session: openclawSession,
    }),
  },
  'PUT /servers/:id/openclaw/sessions/:key': {
    summary: 'Rename, pin, archive, or change model and thinking',
    params: sessionParams,
    body: sessionChange,
    status: 200,
    response: oneSession,
  },
  'DELETE /servers/:id/openclaw/sessions/:key': {
    summary: 'Delete a session; OpenClaw keeps an archive of its transcript on the server',
    params: sessionParams,
    status: 204,
  },
} as const satisfies Endpoints;
