// Alerts: what is wrong on the servers, since when, and who knows of it.
import { z } from 'zod';
import {
  alertSeverities,
  alertStatuses,
  alertTypes,
  autoRepairResults,
  MAX_ALERT_NOTE,
} from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, text, time } from './scalars.ts';
import { server } from './servers.ts';

export const alertType = z.enum(alertTypes);
export const alertSeverity = z.enum(alertSeverities);
export const alertStatus = z.enum(alertStatuses);
export const autoRepairResult = z.enum(autoRepairResults);

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
    noteCount: z.number().int(),
    /** The restart of the gateway by Buoy itself, and the name of who has switched that on; null: there was none. */
    autoRepair: z.object({ at: time, by: z.string(), result: autoRepairResult }).nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.output<typeof alert>;

/** What a person wrote about an alert. */
export const alertNote = z
  .object({
    id,
    text: z.string(),
    by: z.object({ userId: z.string(), name: z.string() }),
    createdAt: time,
  })
  .meta({ id: 'AlertNote' });
export type AlertNote = z.output<typeof alertNote>;

/** Lines of text: of the control characters only line feed and tab, and not blank. */
const noteText = text(MAX_ALERT_NOTE)
  .refine((value) => !/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(value), {
    error: 'must not contain control characters other than line feed and tab',
  })
  .refine((value) => value.trim() !== '', { error: 'must not be blank' });

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
  'GET /alerts/:id/notes': {
    summary: 'Notes on an alert, oldest first',
    params: idParams,
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({ notes: z.array(alertNote), nextCursor: z.string().nullable() }),
  },
  'POST /alerts/:id/notes': {
    summary: 'Write a note on an alert, open or resolved; an alert has 50 at most',
    params: idParams,
    body: z.strictObject({ text: noteText }),
    status: 201,
    response: z.object({ note: alertNote }),
  },
  'DELETE /alerts/:id/notes/:noteId': {
    summary: 'Delete a note: your own, or as an owner any',
    params: z.strictObject({ id, noteId: id }),
    status: 204,
  },
  'POST /servers/:id/check': {
    summary: 'Check now, as the monitor does',
    params: idParams,
    status: 200,
    response: z.object({ server, alerts: z.array(alert) }),
  },
} as const satisfies Endpoints;
