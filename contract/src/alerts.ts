// Alerts: what is wrong on the servers, since when, and who knows of it.
import { z } from 'zod';
import { alertSeverities, alertStatuses, alertTypes } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, time } from './scalars.ts';
import { server } from './servers.ts';

export const alertType = z.enum(alertTypes);
export const alertSeverity = z.enum(alertSeverities);
export const alertStatus = z.enum(alertStatuses);

export const alert = z
  .object({
    id,
    serverId: id,
    type: alertType,
    severity: alertSeverity,
    status: alertStatus,
    /** One sentence for a person. */
    cause: z.string(),
    /** What was seen, in lines; empty when the cause says it all. */
    evidence: z.string(),
    firstAt: time,
    /** When it was last seen to be so. */
    lastAt: time,
    /** How many checks have seen it. */
    count: z.number().int(),
    resolvedAt: time.nullable(),
    snoozedUntil: time.nullable(),
    /** When the caller has read it. */
    readAt: time.nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.output<typeof alert>;

const oneAlert = z.object({ alert });

export const alerts = {
  'GET /alerts': {
    summary:
      'Alerts of the servers visible to the caller: those that are not resolved first, then the newest',
    query: z.strictObject({
      serverId: id.optional(),
      status: alertStatus.optional(),
      unread: z.enum(['true', 'false']).default('false'),
      limit,
      cursor,
    }),
    status: 200,
    response: z.object({
      alerts: z.array(alert),
      nextCursor: z.string().nullable(),
      /** Not resolved and not read by the caller, over all visible servers. */
      unread: z.number().int(),
    }),
  },
  'POST /alerts/:id/ack': {
    summary: 'Acknowledge: somebody takes care; it is not told again until it is resolved and comes back',
    params: idParams,
    status: 200,
    response: oneAlert,
  },
  'POST /alerts/:id/snooze': {
    summary: 'Snooze: not told again until then, if it still holds',
    params: idParams,
    body: z.strictObject({ minutes: z.number().int().min(5).max(10_080) }),
    status: 200,
    response: oneAlert,
  },
  'POST /alerts/:id/read': {
    summary: 'Mark as read by the caller',
    params: idParams,
    status: 200,
    response: oneAlert,
  },
  'POST /servers/:id/check': {
    summary: 'Check now, as the monitor does',
    params: idParams,
    status: 200,
    response: z.object({ server, alerts: z.array(alert) }),
  },
} as const satisfies Endpoints;
