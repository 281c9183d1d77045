// The past of a server: what its checks have seen, and for which share of the time it was up.
import { z } from 'zod';
import { historySteps } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { count } from './openclaw/read.ts';
import { idParams, time } from './scalars.ts';
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

export const history = {
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
