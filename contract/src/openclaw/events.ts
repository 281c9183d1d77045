// Live events of a server's gateway, in our own words.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, time } from '../scalars.ts';
import { count } from './read.ts';
import { openclawMessage, openclawSession } from './sessions.ts';
import { openclawStatus } from './status.ts';

const inSession = {
  sessionKey: z.string(),
  agentId: z.string().nullable(),
  runId: z.string().nullable(),
};

/** Event name → data. Approvals and pairing requests are told to admins only, and without what they ask for. */
export const openclawEvents = {
  /**
   * The first event of a stream, and each time the way to the gateway opens or closes. What happened while it was closed is
   * not told: after `connected`, read again what you show.
   */
  gateway: z.object({
    state: z.enum(['connected', 'disconnected', 'restarting']),
    version: z.string().nullable(),
    /** A sentence. */
    message: z.string(),
  }),
  /** Events were lost for this client: read again what you show. */
  missed: z.object({
    /** `too_old`: the id is not known any more. `too_slow`: the client reads slower than things happen. */
    reason: z.enum(['too_old', 'too_slow']),
  }),
  session: z.object({
    /** null: the list has changed, and OpenClaw does not say where. */
    ...inSession,
    sessionKey: z.string().nullable(),
    change: z.enum(['updated', 'run', 'reset', 'compacting', 'compacted', 'deleted']),
    /** As it is now; null when it is gone or OpenClaw does not tell: read it again. */
    session: openclawSession.nullable(),
  }),
  /** An answer while it is made. `final`, `error` and `aborted` end a run. */
  chat: z.object({
    ...inSession,
    runId: z.string(),
    state: z.enum(['status', 'delta', 'final', 'error', 'aborted']),
    /** Of `delta`: what comes next. Of `final`: the whole answer. Else null. */
    text: z.string().nullable(),
    /** Of `delta`: the text so far is to be replaced by `text`. */
    replace: z.boolean(),
    /** Of `status`: OpenClaw's word for what it does before the model answers. */
    phase: z.string().nullable(),
    error: z.string().nullable(),
    stopReason: z.string().nullable(),
  }),
  /** Something was added to a transcript. */
  message: z.object({ ...inSession, message: openclawMessage }),
  /** An agent uses a tool. */
  tool: z.object({
    ...inSession,
    toolCallId: z.string().nullable(),
    name: z.string(),
    /** What it does, in a few words. */
    title: z.string().nullable(),
    phase: z.enum(['start', 'update', 'end']),
    failed: z.boolean(),
  }),
  approval: z.object({
    kind: z.enum(['exec', 'plugin', 'openclaw']),
    state: z.enum(['requested', 'resolved']),
    id: z.string(),
    agentId: z.string().nullable(),
    sessionKey: z.string().nullable(),
    decision: z.string().nullable(),
    expiresAt: time.nullable(),
  }),
  pairing: z.object({
    kind: z.enum(['device', 'node']),
    state: z.enum(['requested', 'resolved']),
    requestId: z.string().nullable(),
  }),
  /** Sent when it changes, not at each read. */
  health: z.object({
    ok: z.boolean(),
    /** The gateway is overloaded; null when it does not say. */
    degraded: z.boolean().nullable(),
  }),
  channel: openclawStatus.shape.channels.element,
  /** The config file was changed, by whomever. */
  config: z.object({ at: time.nullable() }),
  cron: z.object({
    jobId: z.string().nullable(),
    action: z.enum(['added', 'updated', 'removed', 'started', 'finished', 'other']),
    /** Of `finished`: OpenClaw's word, as in ok, error or skipped. */
    status: z.string().nullable(),
    error: z.string().nullable(),
    nextRunAt: time.nullable(),
    durationMs: count.nullable(),
  }),
  skills: z.object({ reason: z.string().nullable() }),
  update: z.object({ latest: z.string().nullable() }),
};

export const openclawEventsEndpoints = {
  'GET /servers/:id/openclaw/events': {
    summary: "The gateway's live events; Last-Event-ID resumes",
    params: idParams,
    status: 200,
    events: openclawEvents,
    resumable: true,
  },
} as const satisfies Endpoints;
