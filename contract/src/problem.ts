// The error body of every call, with what `details` holds.
import { z } from 'zod';
import { type ErrorCode, errorStatus } from './errors.ts';
import { failureKind } from './servers.ts';

/** Of `invalid_request`: which fields, and why. `path` is empty where it is the whole body. */
const fieldErrors = z.array(z.object({ path: z.string(), message: z.string() })).meta({ id: 'FieldErrors' });

const shownKey = z.object({ algorithm: z.string(), fingerprint: z.string() });

/** What OpenClaw itself said. */
const openclawWords = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  details: z.unknown().optional(),
});

/** Of all other codes. Which fields are there depends on the code; an error may have more than are listed here. */
const errorFacts = z
  .looseObject({
    // Why a server cannot be reached or used over SSH: unreachable, ssh_auth, host_key_changed, key_format, circuit_open, refused.
    kind: failureKind,
    /** Of `kind` "jump": which end failed. */
    failed: z.enum(['jump', 'target']),
    /** Of `kind` "jump": what is wrong with the jump server. */
    jumpKind: failureKind,
    /** How far the connection came. */
    phase: z.enum(['network', 'greeting', 'handshake', 'login']),
    /** Of a lost connection: the command may have run, in whole or in part. */
    started: z.boolean(),
    /** Of host_key_changed: the pinned key, the one that was expected, and the one that the server shows. */
    pinned: shownKey.nullable(),
    expected: z.string(),
    /** A host key; of ssh_auth the ways to log in that the server offers. */
    offered: z.union([shownKey, z.array(z.string())]),
    // How long to wait: rate_limited, authorization_pending, gateway_unavailable, circuit_open.
    retryAfterS: z.number(),
    retryAfterMs: z.number(),
    retryInMs: z.number(),
    /** Of circuit_open: failures in a row. */
    failures: z.number(),
    /** Of rate_limited: how many calls are allowed, or how many streams or terminals are open. */
    limit: z.number(),
    open: z.number(),
    /** Of deadline. */
    deadlineMs: z.number(),
    /** Of task_already_running: the task that is in the way. */
    taskId: z.string(),
    /** Of gateway_unavailable, bad_gateway and a command that was lost: why, in one word. */
    reason: z.string(),
    // What OpenClaw refused: refused, unsupported, gateway_unavailable.
    openclaw: z.union([openclawWords, z.string()]).nullable(),
    method: z.string(),
    version: z.string().nullable(),
    issues: z.array(z.looseObject({ path: z.string() })),
    /** Of stale_version: the present hash, and what has changed. */
    hash: z.string().nullable(),
    changes: z.array(z.unknown()).nullable(),
    /** Of a command on the server: how it ended, and its last words. */
    exitCode: z.number().int().nullable(),
    serverSays: z.string().nullable(),
  })
  .partial()
  .meta({ id: 'ErrorFacts' });

export const errorDetails = z.union([fieldErrors, errorFacts]);
export type ErrorDetails = z.output<typeof errorDetails>;

export const problem = z
  .object({
    /** One sentence that a person understands. */
    error: z.string(),
    code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
    requestId: z.string(),
    /** What to do next. */
    hint: z.string().optional(),
    details: errorDetails.optional(),
    /** Of `task_already_running`: the task that is in the way. */
    taskId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
