// Rollouts: one update of many servers, a few at a time, which stops at the first that fails.
import { z } from 'zod';
import { rolloutServerStatuses, rolloutStatuses } from './constants.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, time } from './scalars.ts';
import { serverTag } from './servers.ts';
import { updateSetup } from './setup.ts';
import { taskError } from './tasks.ts';

export const MAX_ROLLOUT_SERVERS = 500;
const MAX_WAVE = 100;
/** Seconds. */
const MAX_PAUSE_S = 86_400;

export const rolloutStatus = z.enum(rolloutStatuses);
export const rolloutServerStatus = z.enum(rolloutServerStatuses);

export const rolloutServer = z
  .object({
    serverId: id,
    /** As it was called when the rollout was planned. */
    name: z.string(),
    /** The version before; null: not known yet. */
    from: z.string().nullable(),
    /** The version after: the server's pin, or that of the rollout. */
    to: z.string(),
    status: rolloutServerStatus,
    /** Of its update; null: not started. */
    taskId: id.nullable(),
    /** Why it failed or was skipped. */
    error: taskError.nullable(),
  })
  .meta({ id: 'RolloutServer' });
export type RolloutServer = z.output<typeof rolloutServer>;

export const rollout = z
  .object({
    /** null: a dry run, of which nothing is kept. */
    id: id.nullable(),
    component: z.literal('openclaw'),
    /** What a server without a pin gets; where all are pinned, the newest of the pins. */
    version: z.string(),
    status: rolloutStatus,
    /** The canary first. Only servers that the caller sees. */
    waves: z.array(z.array(rolloutServer)),
    /** When the next update may start, after the pause and in an update window; null: none waits for its time. */
    nextWaveAt: time.nullable(),
    createdBy: z.string(),
    createdAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.output<typeof rollout>;

export const newRollout = z
  .strictObject({
    serverIds: z.array(id).min(1).max(MAX_ROLLOUT_SERVERS).optional(),
    /** The caller's own servers with this tag; those that others share are named by their ids. */
    tag: serverTag.optional(),
    component: z.literal('openclaw').default('openclaw'),
    version: updateSetup.shape.version,
    /** Servers that are updated before all others; 0: none. */
    canary: z.number().int().min(0).max(MAX_WAVE).default(1),
    waveSize: z.number().int().min(1).max(MAX_WAVE).default(5),
    /** Seconds between two waves. */
    pauseS: z.number().int().min(0).max(MAX_PAUSE_S).default(60),
    /** Answers with the plan, and does nothing. */
    dryRun: z.boolean().default(false),
  })
  .superRefine(({ serverIds, tag }, context) => {
    if ((serverIds === undefined) === (tag === undefined))
      context.addIssue({ code: 'custom', path: ['serverIds'], message: 'give either serverIds or tag' });
  });
export type NewRollout = z.output<typeof newRollout>;

const oneRollout = z.object({ rollout });

const decided = {
  params: idParams,
  status: 200,
  response: oneRollout,
} as const satisfies Omit<Endpoint, 'summary'>;

export const rollouts = {
  'POST /rollouts': {
    summary: 'Update several servers, a few at a time; stops at the first that fails',
    body: newRollout,
    status: 202,
    hasDryRun: true,
    response: oneRollout,
  },
  'GET /rollouts': {
    summary: 'Rollouts of the caller, newest first; super-admins see all',
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({ rollouts: z.array(rollout), nextCursor: z.string().nullable() }),
  },
  'GET /rollouts/:id': { ...decided, summary: 'A rollout: its waves, and how far each server is' },
  'POST /rollouts/:id/pause': {
    ...decided,
    summary: 'Start no further update; those that run go on',
  },
  'POST /rollouts/:id/resume': {
    ...decided,
    summary: 'Go on: servers that failed are updated again first, or left out with skipFailed',
    cost: 'expensive',
    body: z.strictObject({ skipFailed: z.boolean().default(false) }).nullish(),
  },
  'POST /rollouts/:id/cancel': {
    ...decided,
    summary: 'End a rollout: no further update starts; those that run go on',
  },
} as const satisfies Endpoints;
