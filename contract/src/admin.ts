// What concerns the whole Buoy: health, backups, the audit log, people, metrics. Super-admins only.
import { z } from 'zod';
import { signInLink, user } from './auth.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, line, name, text, time, writtenJson } from './scalars.ts';
import { task } from './tasks.ts';

export const backup = z
  .object({
    filename: z.string(),
    sizeBytes: z.number().int(),
    createdAt: time,
    /** Of the file as it is downloaded, in hex. */
    sha256: z.string(),
    /** It was unpacked, and the database in it found whole, after it was written. */
    verified: z.boolean(),
  })
  .meta({ id: 'Backup' });
export type Backup = z.output<typeof backup>;

export const auditResult = z.enum(['ok', 'started', 'denied', 'failed']);
export type AuditResult = z.output<typeof auditResult>;

export const auditEntry = z
  .object({
    id,
    at: time,
    /** null: nobody was signed in, or Buoy itself acted. */
    userId: z.string().nullable(),
    /** The endpoint's key such as "POST /servers", or what Buoy did by itself such as "backup". */
    action: z.string(),
    serverId: z.string().nullable(),
    target: z.string().nullable(),
    result: auditResult,
    ip: z.string().nullable(),
    requestId: z.string().nullable(),
    /**
     * What was asked for and what came of it, with secrets taken out. Calls that repeat a refused one within a minute are one entry, with
     * `count`, `from`, `to` and how often each error came in `errors`.
     */
    details: z.record(z.string(), writtenJson),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.output<typeof auditEntry>;

/** `pending`: waits to be approved. `disabled`: cannot sign in. */
export const personStatus = z.enum(['pending', 'active', 'disabled']);
export type PersonStatus = z.output<typeof personStatus>;

/** A user as super-admins see them. */
export const person = user
  .extend({
    status: personStatus,
    /** The last use of any session or API token of theirs, to the minute. */
    lastSeenAt: time.nullable(),
    /** How many servers they have a role on by name. */
    servers: z.number().int(),
  })
  .meta({ id: 'Person' });
export type Person = z.output<typeof person>;

const onePerson = z.object({ user: person });

const auditFilter = {
  userId: id.optional(),
  serverId: id.optional(),
  /** Part of an action's name, in any case: "exec", "POST /servers". */
  action: line(128).optional(),
  from: time.optional(),
  to: time.optional(),
};

/** A file name and nothing else: no slash, no leading dot. */
const filename = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, { error: 'must be a plain file name' });

/** null: Buoy could not find out, as the reasons say. */
const count = z.number().int().nullable();

export const detailedHealth = z
  .object({
    status: z.enum(['ok', 'degraded']),
    /** Why it is degraded, in sentences. */
    reasons: z.array(z.string()),
    version: z.string(),
    uptimeS: z.number(),
    database: z.object({
      engine: z.enum(['sqlite', 'postgres']),
      ok: z.boolean(),
      latencyMs: z.number().nullable(),
      sizeBytes: z.number().nullable(),
    }),
    memory: z.object({
      rssBytes: z.number(),
      heapUsedBytes: z.number(),
      heapTotalBytes: z.number(),
      externalBytes: z.number(),
    }),
    /** Over the time since it was last asked, at most a minute: how late timers fire. */
    eventLoop: z.object({ lagP50Ms: z.number(), lagP99Ms: z.number(), utilization: z.number() }),
    /** The last round of checks over all servers: when it ended, how long it took. `stale`: servers without a check for three check intervals. */
    monitor: z.object({
      lastRunAt: time.nullable(),
      durationMs: z.number().nullable(),
      servers: count,
      stale: count,
    }),
    tasks: z.object({ queued: count, running: count }),
    backup: z.object({
      lastAt: time.nullable(),
      lastOk: z.boolean().nullable(),
      ageS: z.number().nullable(),
    }),
    telegram: z.object({ configured: z.boolean() }),
    /** `outdated`: stored secrets that are still sealed under a key that is not the active one. */
    vault: z.object({ activeKeyId: z.string(), keyIds: z.array(z.string()), outdated: count }),
  })
  .meta({ id: 'DetailedHealth' });
export type DetailedHealth = z.output<typeof detailedHealth>;

export const admin = {
  'GET /admin/health/detailed': {
    summary: 'DB status, memory, monitor, tasks, backup health',
    status: 200,
    response: detailedHealth,
  },
  'GET /admin/backups': {
    summary: 'List retained backups, newest first',
    status: 200,
    response: z.object({ backups: z.array(backup), nextCursor: z.string().nullable() }),
  },
  'POST /admin/backups/run': {
    summary: 'Trigger manual backup',
    cost: 'expensive',
    status: 201,
    response: z.object({ backup }),
  },
  'GET /admin/backups/download/:filename': {
    summary: 'Download a gzipped backup; ranges are served',
    params: z.strictObject({ filename }),
    status: 200,
    content: 'application/gzip',
  },
  'GET /admin/audit': {
    summary: 'Query audit log with filters, newest first',
    query: z.strictObject({ ...auditFilter, limit, cursor }),
    status: 200,
    response: z.object({
      entries: z.array(auditEntry),
      nextCursor: z.string().nullable(),
      /** False when an entry of the log, filtered or not, was changed or is missing. */
      chainOk: z.boolean(),
      /** What the check of the whole log found, in a sentence; null when the chain is whole. */
      chainProblem: z.string().nullable(),
    }),
  },
  'GET /admin/audit/export': {
    summary: 'The audit log as JSON lines, oldest first',
    query: z.strictObject(auditFilter),
    cost: 'expensive',
    status: 200,
    content: 'application/x-ndjson',
  },
  'GET /admin/users': {
    summary: 'Everybody who has signed in, the newest first',
    query: z.strictObject({
      /** Part of a name, username or id, in any case. */
      q: text(100).optional(),
      status: personStatus.optional(),
      limit,
      cursor,
    }),
    status: 200,
    response: z.object({ users: z.array(person), nextCursor: z.string().nullable() }),
  },
  'POST /admin/users': {
    summary: 'Invite a person without a server: makes an approved account and, unless told, a sign-in link',
    body: z.strictObject({ name: name(100), link: z.boolean().default(true) }),
    status: 201,
    response: onePerson.extend({
      /** Works once, for a day; null where no link was asked for. */
      signInUrl: z.string().nullable(),
      expiresAt: time.nullable(),
    }),
  },
  'POST /admin/users/:id/sign-in-link': {
    summary: 'Make a link that signs this person in; it works once, for a day, in place of the one before',
    params: idParams,
    status: 201,
    response: signInLink,
  },
  'PUT /admin/users/:id': {
    summary: 'Change what a person may do or is called; what is absent stays',
    params: idParams,
    body: z
      .strictObject({
        mayAddServers: z.boolean().optional(),
        /** null: the name that they signed in with. */
        displayName: name(100).nullable().optional(),
      })
      .meta({ id: 'PersonChange' }),
    status: 200,
    response: onePerson,
  },
  'POST /admin/users/:id/approve': {
    summary: 'Let a person in who waits to be approved',
    params: idParams,
    status: 200,
    response: onePerson,
  },
  'POST /admin/users/:id/refuse': {
    summary: 'Refuse the access request of a person, who may ask again after 24 hours',
    params: idParams,
    status: 200,
    response: onePerson,
  },
  'POST /admin/users/:id/disable': {
    summary:
      'Disable a person: sessions, API tokens, streams and terminals end at once, signing in is refused',
    rateLimit: 'ending',
    params: idParams,
    status: 200,
    response: onePerson,
  },
  'POST /admin/users/:id/enable': {
    summary: 'Let a disabled person sign in again; sessions and tokens from before stay dead',
    params: idParams,
    status: 200,
    response: onePerson,
  },
  'POST /admin/vault/rotate': {
    summary: 'Seal all stored secrets under the active vault key',
    status: 202,
    response: z.object({ task }),
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus',
    rateLimit: 'metrics',
    status: 200,
    content: 'text/plain; version=0.0.4; charset=utf-8',
  },
} as const satisfies Endpoints;
