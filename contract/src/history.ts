// The past of a server: what its checks have seen, and for which share of the time it was up.
import { z } from 'zod';
import { historySteps } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { count } from './openclaw/read.ts';
import { cursor, id, idParams, limit, time } from './scalars.ts';
import { serverState } from './servers.ts';

/** 0 to 1. */
const share = z.number().min(0).max(1);
export const historyStep = z.enum(historySteps);

/** What was not seen is null. */
export const historyPoint = z
  .object({
    /** When it was checked, or the beginning of the hour or day in UTC. */
    at: time,
    /** Of an hour or a day the worst one. */
    state: serverState,
    /** Of the time in which it was watched. */
    upShare: share.nullable(),
    /** For reading the status; of an hour or a day the mean. */
    latencyMs: count.nullable(),
    diskUsedShare: share.nullable(),
    memoryUsedShare: share.nullable(),
    gatewayRssBytes: count.nullable(),
    sessions: count.nullable(),
    /** Of all agents, since the beginning of the day in UTC. */
    tokens: count.nullable(),
    costUsd: z.number().nonnegative().nullable(),
  })
  .meta({ id: 'HistoryPoint' });
export type HistoryPoint = z.output<typeof historyPoint>;

/** The share of the time watched in which the server was up, without maintenance; null: it was not watched. */
const availability = z.object({
  h24: share.nullable(),
  d7: share.nullable(),
  d90: share.nullable(),
});

/** The last hours of a server, oldest first; null: nobody checked it in that hour. */
export const serverHours = z
  .object({
    serverId: id,
    /** Of the time in which it was watched in these hours. */
    upShare: share.nullable(),
    hours: z.array(historyPoint.pick({ state: true, upShare: true }).nullable()),
  })
  .meta({ id: 'ServerHours' });
export type ServerHours = z.output<typeof serverHours>;

export const history = {
  'GET /history/hours': {
    summary: 'The last 24 hours of the servers visible to the caller, hour by hour',
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({
      /** When the first of the hours began, in UTC; the last one is not over yet. */
      beganAt: time,
      servers: z.array(serverHours),
      nextCursor: z.string().nullable(),
    }),
  },
  'GET /servers/:id/history': {
    summary:
      'What the checks of a server have seen, oldest first, and its availability; the last 24 hours unless asked otherwise',
    params: idParams,
    query: z.strictObject({
      from: time.optional(),
      to: time.optional(),
      /** A wider one is taken where it would be more than 3,000 points, or where so old ones are no longer there. */
      step: historyStep.optional(),
    }),
    status: 200,
    response: z.object({ step: historyStep, points: z.array(historyPoint), availability }),
  },
} as const satisfies Endpoints;
