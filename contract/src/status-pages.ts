// Status pages: what anybody with a link sees of some servers, without an account. The link is the only secret.
import { z } from 'zod';
import { publicStates } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, name, time } from './scalars.ts';
import { serverTag } from './servers.ts';

export const MAX_STATUS_PAGE_SERVERS = 200;
const MAX_DAYS = 3_650;

const names = z.enum(['shown', 'numbered']);

export const statusPage = z
  .object({
    id,
    title: z.string(),
    /** The page follows this tag; null: it has the servers in `serverIds`. */
    tag: z.string().nullable(),
    serverIds: z.array(id).nullable(),
    /** `numbered`: visitors see "Server 1", "Server 2" and so on. */
    names,
    /** Whether visitors see the availability and the last 90 days. */
    showHistory: z.boolean(),
    /** null for API tokens, which a link would outlive, and for a link that Buoy cannot make again. */
    url: z.string().nullable(),
    createdBy: z.string(),
    createdAt: time,
    /** null: until it is removed. */
    expiresAt: time.nullable(),
    /** When a visitor last opened it, within a minute. */
    lastSeenAt: time.nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'StatusPage' });
export type StatusPage = z.output<typeof statusPage>;

const serverIds = z
  .array(id)
  .min(1)
  .max(MAX_STATUS_PAGE_SERVERS)
  .refine((ids) => new Set(ids).size === ids.length, { error: 'must not repeat' });
const title = name(100);
const expiresInDays = z.number().int().min(1).max(MAX_DAYS).nullable();

export const newStatusPage = z
  .strictObject({
    title,
    tag: serverTag.optional(),
    serverIds: serverIds.optional(),
    names: names.default('shown'),
    showHistory: z.boolean().default(true),
    /** null: the page does not expire. */
    expiresInDays: expiresInDays.default(null),
  })
  .refine((page) => (page.tag === undefined) !== (page.serverIds === undefined), {
    path: ['tag'],
    error: 'give either a tag or serverIds',
  })
  .meta({ id: 'NewStatusPage' });
export type NewStatusPage = z.output<typeof newStatusPage>;

/** What is absent stays as it is. */
export const statusPageChange = z
  .strictObject({
    title: title.optional(),
    /** In place of `serverIds`. */
    tag: serverTag.optional(),
    /** In place of `tag`. */
    serverIds: serverIds.optional(),
    names: names.optional(),
    showHistory: z.boolean().optional(),
    /** From now on; null: the page does not expire. */
    expiresInDays: expiresInDays.optional(),
  })
  .refine((page) => page.tag === undefined || page.serverIds === undefined, {
    path: ['tag'],
    error: 'give a tag or serverIds, not both',
  })
  .meta({ id: 'StatusPageChange' });
export type StatusPageChange = z.output<typeof statusPageChange>;

/** Of the time watched, without maintenance, rounded down to four decimals; null: not watched, or not shown. */
const share = z.number().min(0).max(1).nullable();

/** What visitors see, and nothing more. */
export const publicStatus = z
  .strictObject({
    title: z.string(),
    /** `degraded`: some servers are down; `unknown`: nothing is known of any of them. */
    state: z.enum(publicStates),
    servers: z.array(
      z.strictObject({
        name: z.string(),
        /** A server that cannot be reached is `down`; one without OpenClaw is `unknown`. */
        state: z.enum(publicStates).exclude(['degraded']),
        since: time,
        availability: z.strictObject({ h24: share, d7: share, d90: share }),
        /** The availability of each of the last 90 days in UTC, today last; empty where history is not shown. */
        strip: z.array(share),
      }),
    ),
    /** Under way, or within the next seven days. */
    maintenance: z.array(
      z.strictObject({ name: z.string(), startsAt: time, until: time, active: z.boolean() }),
    ),
    updatedAt: time,
  })
  .meta({ id: 'PublicStatus' });
export type PublicStatus = z.output<typeof publicStatus>;

const withUrl = z.object({ statusPage, url: z.string() });

export const statusPages = {
  'GET /status-pages': {
    summary: 'Your status pages; for super-admins those of everybody',
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({ statusPages: z.array(statusPage), nextCursor: z.string().nullable() }),
  },
  'POST /status-pages': {
    summary: 'Make a status page of servers that you are an admin of, with a link that needs no sign-in',
    body: newStatusPage,
    status: 201,
    response: withUrl,
  },
  'PUT /status-pages/:id': {
    summary: 'Change a status page; its link stays',
    params: idParams,
    body: statusPageChange,
    versioned: true,
    status: 200,
    response: z.object({ statusPage }),
  },
  'DELETE /status-pages/:id': {
    summary: 'Remove a status page; its link is dead at once',
    params: idParams,
    status: 204,
  },
  'POST /status-pages/:id/rotate': {
    summary: 'Give a status page a new link; the old one is dead at once',
    params: idParams,
    status: 200,
    response: withUrl,
  },
  'GET /status/:token': {
    summary: 'What visitors see of a status page. The token is the end of its link',
    rateLimit: 'statusPage',
    // What cannot be a token is as unknown as any other.
    params: z.strictObject({ token: z.string() }),
    status: 200,
    response: publicStatus,
  },
} as const satisfies Endpoints;
