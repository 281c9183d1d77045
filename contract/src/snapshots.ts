// Snapshots: archives of OpenClaw on a server, made before an update or by a person, and the way back to one.
import { z } from 'zod';
import { snapshotReasons } from './constants.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, name, time } from './scalars.ts';
import { takingBoth, withVia } from './setup-bodies.ts';
import { task } from './tasks.ts';

export const snapshot = z
  .object({
    id,
    serverId: id,
    /** Of OpenClaw when it was made. */
    version: z.string(),
    /** What it was made for: an update, a person, or before a restore. */
    reason: z.enum(snapshotReasons),
    /** Of the person who made it. */
    note: z.string().nullable(),
    createdAt: time,
    sizeBytes: z.number().int(),
    /** Of the archive when it was made. */
    sha256: z.string(),
    /** Whether OpenClaw could read the archive when it was checked last. */
    verified: z.boolean(),
  })
  .meta({ id: 'Snapshot' });
export type Snapshot = z.output<typeof snapshot>;

export const newSnapshot = z.strictObject({ note: name(200).optional() });

export const snapshotRestore = z.strictObject({
  /** Where it is restored; absent: the server that it is of. */
  targetServerId: id.optional(),
  /** On another server: also provider keys, and channels, which stay disabled there. */
  withCredentials: z.boolean().default(false),
  ...withVia,
});
export type SnapshotRestore = z.output<typeof snapshotRestore>;

const snapshotParams = z.strictObject({ id, snapshotId: id });

const started = {
  status: 202,
  response: z.object({ task }),
} as const satisfies Omit<Endpoint, 'summary'>;

export const snapshots = takingBoth({
  'GET /servers/:id/setup/snapshots': {
    summary: 'Snapshots of OpenClaw on a server, newest first',
    params: idParams,
    query: z.strictObject({ reason: z.enum(snapshotReasons).optional(), limit, cursor }),
    status: 200,
    response: z.object({ snapshots: z.array(snapshot), nextCursor: z.string().nullable() }),
  },
  'POST /servers/:id/setup/snapshots': {
    ...started,
    summary: 'Back up config, state and workspaces of OpenClaw to an archive on the server',
    params: idParams,
    body: newSnapshot,
  },
  'POST /servers/:id/setup/snapshots/:snapshotId/restore': {
    ...started,
    summary: 'Go back to a snapshot: its version, config and state; if a step fails, all changes are undone',
    params: snapshotParams,
    body: snapshotRestore,
  },
  'POST /servers/:id/setup/snapshots/:snapshotId/verify': {
    summary: 'Check that the archive is there, unchanged, and that OpenClaw can read it',
    params: snapshotParams,
    status: 200,
    cost: 'expensive',
    response: z.object({ ok: z.boolean(), detail: z.string() }),
  },
  'GET /servers/:id/setup/snapshots/:snapshotId/download': {
    summary: 'The archive, sealed: only this Buoy can open it',
    params: snapshotParams,
    status: 200,
    cost: 'expensive',
    content: 'application/octet-stream',
  },
  'DELETE /servers/:id/setup/snapshots/:snapshotId': {
    summary: 'Delete a snapshot and its archive on the server',
    params: snapshotParams,
    status: 204,
  },
} as const satisfies Endpoints);
