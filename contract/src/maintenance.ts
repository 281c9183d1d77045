// Maintenance: spans of time in which the state of a server is `maintenance` and nobody is told of its alerts.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, line, time, timeZone } from './scalars.ts';
import { serverTag } from './servers.ts';
import { weeklyWindow } from './weekly-window.ts';

export const MAX_MAINTENANCE_MINUTES = 43_200;
const MINUTE_MS = 60_000;

/** What a field is made of: the letters of other dialects, such as L and W, can name times that no year has. */
const cronField =
  '(?:[0-9*,/-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)+';
const cronFields = new RegExp(`^(?:${cronField} ){4}${cronField}$`, 'i');
/** Minute, hour, day of the month, month, day of the week; more is checked where windows are computed. */
const cronExpression = line(100).refine((value) => cronFields.test(value), {
  error:
    'must have five fields of digits, names, "*", ",", "/" and "-" with one space between them, as in "0 3 * * sun"',
});
const minutes = z.number().int().min(1).max(MAX_MAINTENANCE_MINUTES);

const common = {
  id,
  serverId: id,
  reason: z.string().nullable(),
  /** Whether it holds now. */
  active: z.boolean(),
  /** Of the time that runs now, or else of the next one. */
  startsAt: time,
  until: time,
  createdBy: z.string(),
  createdAt: time,
};

export const maintenanceWindow = z
  .discriminatedUnion('kind', [
    z.object({ ...common, kind: z.literal('once'), from: time, to: time }),
    z.object({ ...common, kind: z.literal('weekly'), weekly: weeklyWindow }),
    z.object({
      ...common,
      ...{ kind: z.literal('cron'), cron: z.string(), minutes: z.number().int(), timezone: z.string() },
    }),
  ])
  .meta({ id: 'MaintenanceWindow' });
export type MaintenanceWindow = z.output<typeof maintenanceWindow>;

/** One of `minutes` from now, `from` and `to`, `weekly`, or `cron` with `minutes` and `timezone`. */
export const newMaintenance = z
  .strictObject({
    minutes: minutes.optional(),
    from: time.optional(),
    to: time.optional(),
    weekly: weeklyWindow.optional(),
    cron: cronExpression.optional(),
    timezone: timeZone.optional(),
    reason: line(200).optional(),
  })
  .superRefine(({ reason: _, ...fields }, context) => {
    const given = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    if (!forms.some((form) => form === given.toSorted().join(' ')))
      context.addIssue({
        code: 'custom',
        path: given.slice(0, 1),
        message: 'give minutes, or from and to, or weekly, or cron with minutes and timezone',
      });
    const { from, to } = fields;
    if (from === undefined || to === undefined) return;
    const lengthMs = Date.parse(to) - Date.parse(from);
    if (lengthMs <= 0) context.addIssue({ code: 'custom', path: ['to'], message: 'must be after from' });
    if (lengthMs > MAX_MAINTENANCE_MINUTES * MINUTE_MS)
      context.addIssue({ code: 'custom', path: ['to'], message: 'must be at most 30 days after from' });
  })
  .meta({ id: 'NewMaintenance' });
export type NewMaintenance = z.output<typeof newMaintenance>;
/** The fields of each, in the order of the alphabet. */
const forms = ['minutes', 'from to', 'weekly', 'cron minutes timezone'];

const windowParams = z.strictObject({ id, windowId: id });
const tagQuery = z.strictObject({ tag: serverTag });
const oneWindow = z.object({ window: maintenanceWindow });
const pageOfWindows = z.object({ windows: z.array(maintenanceWindow), nextCursor: z.string().nullable() });

export const maintenance = {
  'GET /servers/:id/maintenance': {
    summary: 'Maintenance windows of a server',
    params: idParams,
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: pageOfWindows,
  },
  'POST /servers/:id/maintenance': {
    summary:
      'Add a maintenance window: nobody is told of alerts in it, and once at its end of what is still open',
    params: idParams,
    body: newMaintenance,
    status: 201,
    response: oneWindow,
  },
  'DELETE /servers/:id/maintenance': {
    summary: 'End maintenance of a server now, and remove all its windows',
    params: idParams,
    status: 204,
  },
  'DELETE /servers/:id/maintenance/:windowId': {
    summary: 'Remove a maintenance window; one that is active ends now',
    params: windowParams,
    status: 204,
  },
  'GET /maintenance': {
    summary: 'Maintenance windows of the servers with a tag that you are an admin of',
    query: tagQuery.extend({ limit, cursor }),
    status: 200,
    response: pageOfWindows,
  },
  'POST /maintenance': {
    summary: 'Add a maintenance window to each server with a tag that you are an admin of',
    query: tagQuery,
    body: newMaintenance,
    status: 201,
    response: z.object({ windows: z.array(maintenanceWindow) }),
  },
  'DELETE /maintenance': {
    summary: 'End maintenance, and remove all windows, of the servers with a tag that you are an admin of',
    query: tagQuery,
    status: 204,
  },
} as const satisfies Endpoints;
