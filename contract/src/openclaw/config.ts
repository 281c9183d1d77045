// The config of OpenClaw: what stands in it, what a change would do, who changed it when, and the way back.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { cursor, idParams, limit, line, text, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

const configIssue = z.object({ path: z.string(), message: z.string() });
export type ConfigIssue = z.output<typeof configIssue>;

/** Where a file cannot be read as JSON5, lines and columns count from 1. */
const configProblem = z
  .object({
    message: z.string(),
    line: count.nullable(),
    column: count.nullable(),
    issues: z.array(configIssue),
  })
  .meta({ id: 'OpenclawConfigProblem' });
export type ConfigProblem = z.output<typeof configProblem>;

/** Lists change as a whole; `before` and `after` are null where there is nothing. */
export const configChange = z
  .object({
    path: z.string(),
    kind: z.enum(['added', 'changed', 'removed']),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'OpenclawConfigChange' });
export type ConfigChange = z.output<typeof configChange>;

export const openclawConfig = z
  .object({
    /** The file as it is written, secrets hidden; null when it cannot be read. */
    config: z.record(z.string(), z.unknown()).nullable(),
    /** For `PUT`; null when only the gateway could tell it and did not answer. */
    hash: z.string().nullable(),
    /** null when only the gateway could tell it and did not answer. */
    valid: z.boolean().nullable(),
    problem: configProblem.nullable(),
    issues: z.array(configIssue),
    warnings: z.array(configIssue),
    /** Whether the gateway has applied it; null when it does not tell. */
    applied: z.boolean().nullable(),
    /** As the server's login sees it, `~/` for its home. */
    path: z.string().nullable(),
  })
  .meta({ id: 'OpenclawConfig' });
export type OpenclawConfig = z.output<typeof openclawConfig>;

const reloadKind = z.enum(['hot', 'restart', 'none']);
export type ReloadKind = z.output<typeof reloadKind>;

export const configNode = z
  .object({
    path: z.string(),
    /** Several where the value may be of several types. */
    types: z.array(z.string()),
    title: z.string().nullable(),
    help: z.string().nullable(),
    enum: z.array(z.unknown()).nullable(),
    default: z.unknown(),
    minimum: z.number().nullable(),
    maximum: z.number().nullable(),
    sensitive: z.boolean(),
    advanced: z.boolean(),
    reloadKind: reloadKind.nullable(),
    /** null when OpenClaw does not tell. */
    needsRestart: z.boolean().nullable(),
    children: z.array(
      z.object({
        key: z.string(),
        path: z.string(),
        types: z.array(z.string()),
        required: z.boolean(),
        hasChildren: z.boolean(),
        title: z.string().nullable(),
        help: z.string().nullable(),
        sensitive: z.boolean(),
        advanced: z.boolean(),
        reloadKind: reloadKind.nullable(),
      }),
    ),
  })
  .meta({ id: 'OpenclawConfigNode' });
export type ConfigNode = z.output<typeof configNode>;

const rev = z.coerce.number().int().min(1).max(2_000_000_000);

export const configRevision = z
  .object({
    rev: count,
    at: time,
    /** The user who changed it through Buoy. */
    by: z.string().nullable(),
    /** `outside`: by hand or by another program. `openclaw`: OpenClaw itself put it there. */
    origin: z.enum(['buoy', 'outside', 'openclaw']),
    note: z.string().nullable(),
    /** How many paths changed; the first of them are in `paths`. */
    changes: count,
    paths: z.array(z.string()),
    hash: z.string(),
    valid: z.boolean(),
    problem: configProblem.nullable(),
  })
  .meta({ id: 'OpenclawConfigRevision' });
export type ConfigRevision = z.output<typeof configRevision>;
export type ConfigOrigin = ConfigRevision['origin'];

const MAX_DEPTH = 32;

/** Told level by level: a text of many brackets must not fill the stack. */
function isShallow(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1)
    level = level
      .flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
      .filter((item) => typeof item === 'object' && item !== null);
  return level.length === 0;
}

/** Merged into the config: objects deep, lists as a whole; null removes. */
const patch = z
  .record(z.string().max(256), z.unknown())
  .refine(isShallow, { error: `must not be nested deeper than ${MAX_DEPTH} levels` });
const hash = line(256);
const note = text(1_000).nullable().optional();

const written = z.object({
  hash: z.string(),
  changes: z.array(configChange),
  /** Whether the gateway restarts for it. */
  restart: z.boolean(),
  /** False when the gateway did not live by it in time: it is written nevertheless. null when the version does not tell. */
  applied: z.boolean().nullable(),
  /** The revision that it made, or the one that was there when nothing changed. */
  rev: count,
});

export const openclawConfigEndpoints = {
  'GET /servers/:id/openclaw/config': {
    summary: 'The config file, secrets hidden, with the hash for a change',
    params: idParams,
    status: 200,
    response: readOf(openclawConfig.shape),
  },
  'GET /servers/:id/openclaw/config/schema': {
    summary:
      'What OpenClaw knows of one place in the config: type, help, whether a change restarts the gateway',
    params: idParams,
    query: z.strictObject({ path: text(512, 0).default('') }),
    status: 200,
    response: readOf({ node: configNode }),
  },
  'POST /servers/:id/openclaw/config/preview': {
    summary: 'What a change would do, checked by OpenClaw; writes nothing',
    params: idParams,
    body: z.strictObject({ patch, hash: hash.optional() }),
    status: 200,
    response: z.object({
      changes: z.array(configChange.extend({ needsRestart: z.boolean().nullable() })),
      valid: z.boolean(),
      issues: z.array(configIssue),
      /** Of the config that the changes were compared with. */
      hash: z.string(),
    }),
  },
  'PUT /servers/:id/openclaw/config': {
    summary: 'Change the config; refused when somebody changed it since `hash`',
    params: idParams,
    body: z.strictObject({ patch, hash, note }),
    status: 200,
    response: written,
  },
  'GET /servers/:id/openclaw/config/history': {
    summary: 'Who changed the config when, newest first; also what was changed outside of Buoy',
    params: idParams,
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({ revisions: z.array(configRevision), nextCursor: z.string().nullable() }),
  },
  'GET /servers/:id/openclaw/config/history/:rev/diff': {
    summary: 'What a revision changed',
    params: idParams.extend({ rev }),
    status: 200,
    response: z.object({ changes: z.array(configChange) }),
  },
  'POST /servers/:id/openclaw/config/rollback': {
    summary: 'Put the config of an earlier revision back; secrets stay as they are now',
    params: idParams,
    body: z.strictObject({ rev: z.number().int().min(1).max(2_000_000_000), note }),
    status: 200,
    response: written.extend({
      /** Where that revision had a value that Buoy never kept: put these back by hand. */
      missingSecrets: z.array(z.string()),
    }),
  },
} as const satisfies Endpoints;
