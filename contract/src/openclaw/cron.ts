// Jobs that OpenClaw runs by the clock: an agent's turn or a reminder.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { cursor, id, idParams, limit, line, name, text, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

/** `other`: OpenClaw knows more kinds (after a program ends, on lines of a stream), which Buoy shows but does not make. */
export const cronSchedule = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('cron'), expr: z.string(), tz: z.string().nullable() }),
    z.object({ kind: z.literal('every'), everyMs: count }),
    z.object({ kind: z.literal('at'), at: time }),
    z.object({ kind: z.literal('other'), name: z.string() }),
  ])
  .meta({ id: 'CronSchedule' });
export type CronSchedule = z.output<typeof cronSchedule>;

export const cronRunStatus = z.enum(['ok', 'error', 'skipped']);

export const cronJob = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    /** null: the default agent. */
    agentId: z.string().nullable(),
    schedule: cronSchedule,
    /** What the agent is told; null for jobs that carry no text. */
    message: z.string().nullable(),
    /** `isolated`: a session of its own for each run. `main`: the agent's main session. Others name a session. */
    sessionTarget: z.string(),
    delivery: z.object({
      mode: z.enum(['none', 'announce', 'webhook']),
      channel: z.string().nullable(),
      to: z.string().nullable(),
    }),
    nextRunAt: time.nullable(),
    running: z.boolean(),
    lastRun: z
      .object({
        at: time,
        status: cronRunStatus.nullable(),
        error: z.string().nullable(),
        durationMs: count.nullable(),
      })
      .nullable(),
    /** OpenClaw itself keeps this job, such as a heartbeat: it may be run, but not changed. */
    system: z.boolean(),
  })
  .meta({ id: 'CronJob' });
export type CronJob = z.output<typeof cronJob>;

export const cronRun = z
  .object({
    id: z.string().nullable(),
    at: time,
    status: cronRunStatus.nullable(),
    error: z.string().nullable(),
    /** What the agent answered, as OpenClaw keeps it. */
    summary: z.string().nullable(),
    durationMs: count.nullable(),
    sessionKey: z.string().nullable(),
    tokens: count.nullable(),
    /** null: no delivery was asked for. */
    delivered: z.boolean().nullable(),
  })
  .meta({ id: 'CronRun' });
export type CronRun = z.output<typeof cronRun>;

/** A year; a job that runs more seldom has a date. */
const MAX_EVERY_MS = 366 * 24 * 3600 * 1000;

const newSchedule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cron'),
    /** Five fields, or six with seconds. */
    expr: line(200),
    /** An IANA time zone; absent: the server's own. */
    tz: line(64).optional(),
  }),
  z.strictObject({ kind: z.literal('every'), everyMs: z.number().int().min(1_000).max(MAX_EVERY_MS) }),
  z.strictObject({ kind: z.literal('at'), at: z.iso.datetime({ offset: true }) }),
]);

const newDelivery = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({ mode: z.literal('announce'), channel: line(64).optional(), to: line(200).optional() }),
  z.strictObject({ mode: z.literal('webhook'), to: z.url({ protocol: /^https?$/ }).max(2_000) }),
]);

export const newCronJob = z.strictObject({
  name: name(200),
  enabled: z.boolean().default(true),
  /** Absent: the default agent. */
  agentId: id.optional(),
  schedule: newSchedule,
  message: text(20_000),
  sessionTarget: z.enum(['isolated', 'main']).default('isolated'),
  /** Absent: none. OpenClaw's own default is to announce, which fails where no channel is set up. */
  delivery: newDelivery.default({ mode: 'none' }),
});
export type NewCronJob = z.output<typeof newCronJob>;

/** What is absent stays as it is. */
export const cronJobChange = z.strictObject({
  name: name(200).optional(),
  enabled: z.boolean().optional(),
  agentId: id.optional(),
  schedule: newSchedule.optional(),
  message: text(20_000).optional(),
  sessionTarget: z.enum(['isolated', 'main']).optional(),
  delivery: newDelivery.optional(),
});
export type CronJobChange = z.output<typeof cronJobChange>;

const jobParams = z.strictObject({ id, jobId: line(200) });
const oneJob = z.object({ job: cronJob });

export const openclawCronEndpoints = {
  'GET /servers/:id/openclaw/cron': {
    summary: 'Scheduled jobs, those that OpenClaw keeps for itself marked',
    params: idParams,
    status: 200,
    response: readOf({ jobs: z.array(cronJob) }),
  },
  'POST /servers/:id/openclaw/cron': {
    summary: 'Schedule a job',
    params: idParams,
    body: newCronJob,
    status: 201,
    response: oneJob,
  },
  'PUT /servers/:id/openclaw/cron/:jobId': {
    summary: 'Change a job; 409 for those that OpenClaw keeps for itself',
    params: jobParams,
    body: cronJobChange,
    status: 200,
    response: oneJob,
  },
  'DELETE /servers/:id/openclaw/cron/:jobId': {
    summary: 'Remove a job; 409 for those that OpenClaw keeps for itself',
    params: jobParams,
    status: 204,
  },
  'POST /servers/:id/openclaw/cron/:jobId/run': {
    summary: 'Run a job now, whatever its schedule says',
    params: jobParams,
    status: 202,
    response: z.object({ run: z.object({ id: z.string().nullable(), jobId: z.string() }) }),
  },
  'GET /servers/:id/openclaw/cron/:jobId/runs': {
    summary: 'How the runs of a job ended, newest first',
    params: jobParams,
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: readOf({ runs: z.array(cronRun), nextCursor: z.string().nullable() }),
  },
} as const satisfies Endpoints;
