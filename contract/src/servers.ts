// Servers: the managed Linux machines.
import { z } from 'zod';
import { failureKinds } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { cursor, id, idParams, limit, line, name, text, time } from './scalars.ts';

export const role = z.enum(['viewer', 'admin', 'owner']);
export type Role = z.output<typeof role>;

/** `not_set_up`: it answers, but has no OpenClaw. */
export const serverState = z.enum(['up', 'down', 'unreachable', 'unknown', 'maintenance', 'not_set_up']);
export type ServerState = z.output<typeof serverState>;

export const hostKey = z
  .object({ algorithm: z.string(), fingerprint: z.string(), pinnedAt: time })
  .meta({ id: 'HostKey' });

export const server = z
  .object({
    id,
    name: z.string(),
    host: z.string(),
    port: z.number().int(),
    username: z.string(),
    authType: z.enum(['password', 'key']),
    tags: z.array(z.string()),
    jumpServerId: id.nullable(),
    /** Its jump server was removed, or it was transferred: it is not reached until somebody chooses a way. */
    jumpServerRemoved: z.boolean(),
    hostKey: hostKey.nullable(),
    openclaw: z.object({ installed: z.boolean().nullable(), version: z.string().nullable() }),
    status: z.object({
      state: serverState,
      since: time,
      checkedAt: time.nullable(),
      reasons: z.array(z.string()),
    }),
    /** The role of the caller: a super-admin is told "owner" for every server. */
    role,
    /** Who owns the server by a grant; null for a viewer. `givenBy` is who transferred it to them, null when they added or took it themselves. */
    owner: z.object({ id: z.string(), name: z.string(), givenBy: z.string().nullable() }).nullable(),
    version: z.number().int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Server' });
export type Server = z.output<typeof server>;

/** DNS name or IP literal. No leading dash: such a "host" is an option to every ssh tool that it is ever pasted into. */
const host = line(253).refine(
  (value) =>
    /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9.])?$/.test(value) ||
    (value.includes(':') && /^[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?$/.test(value)),
  {
    error:
      'must be a host name (letters, digits, dots, dashes; write international names as xn--…) or an IP address',
  },
);
const username = line(64).refine((value) => !/^-|[\s:]/.test(value), {
  error: 'must be a login name: no spaces, no colon, not starting with "-"',
});
/** A tag of a server. */
export const serverTag = name(40).refine((value) => !value.includes(','), {
  error: 'must not contain a comma',
});

const fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, { error: 'must look like SHA256:… with 43 characters' });

const serverFields = {
  name: name(100),
  host,
  port: z.number().int().min(1).max(65_535),
  username,
  tags: z.array(serverTag).max(20),
  jumpServerId: id.nullable(),
};
const password = text(1024);
const privateKey = text(65_536);
const passphrase = text(1024);

export const newServer = z
  .strictObject({
    ...serverFields,
    port: serverFields.port.default(22),
    tags: serverFields.tags.default([]),
    jumpServerId: serverFields.jumpServerId.optional(),
    authType: z.enum(['password', 'key']),
    password: password.optional(),
    privateKey: privateKey.optional(),
    passphrase: passphrase.optional(),
    hostKey: fingerprint.optional(),
  })
  .superRefine((value, context) => {
    if (value.authType === 'password') {
      if (value.password === undefined)
        context.addIssue({
          code: 'custom',
          path: ['password'],
          message: 'is needed with authType "password"',
        });
      if (value.privateKey !== undefined || value.passphrase !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['privateKey'],
          message: 'does not go with authType "password"',
        });
    } else {
      if (value.privateKey === undefined)
        context.addIssue({ code: 'custom', path: ['privateKey'], message: 'is needed with authType "key"' });
      if (value.password !== undefined)
        context.addIssue({ code: 'custom', path: ['password'], message: 'does not go with authType "key"' });
    }
  })
  .meta({ id: 'NewServer' });
export type NewServer = z.output<typeof newServer>;

export const serverChange = z
  .strictObject({
    name: serverFields.name.optional(),
    host: serverFields.host.optional(),
    port: serverFields.port.optional(),
    username: serverFields.username.optional(),
    tags: serverFields.tags.optional(),
    jumpServerId: serverFields.jumpServerId.optional(),
    authType: z.enum(['password', 'key']).optional(),
    password: password.optional(),
    privateKey: privateKey.optional(),
    passphrase: passphrase.nullable().optional(),
    /** The only key that the secret is sent to from now on; a pinned one stays until the owner accepts another. */
    hostKey: fingerprint.optional(),
  })
  .meta({ id: 'ServerChange' });
export type ServerChange = z.output<typeof serverChange>;

/** A new server like another one. What is absent is taken over; the credential only by the owner who entered it, at the same place. */
export const serverClone = serverChange
  .extend({ name: serverFields.name, host: serverFields.host })
  .meta({ id: 'ServerClone' });
export type ServerClone = z.output<typeof serverClone>;

export const failureKind = z.enum(failureKinds);

export const testResult = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      latencyMs: z.number(),
      openclaw: z.object({
        installed: z.boolean(),
        version: z.string().nullable(),
        path: z.string().nullable(),
      }),
      system: z.object({
        os: z.string().nullable(),
        arch: z.string().nullable(),
        sudo: z.enum(['root', 'passwordless', 'password', 'none']),
        systemd: z.boolean(),
      }),
      hostKey: z.object({ algorithm: z.string(), fingerprint: z.string() }),
    }),
    z.object({
      ok: z.literal(false),
      failure: z.object({ kind: failureKind, message: z.string(), hint: z.string() }),
    }),
  ])
  .meta({ id: 'ServerTest' });
export type TestResult = z.output<typeof testResult>;

export const execResult = z
  .object({
    exitCode: z.number().int().nullable(),
    signal: z.string().nullable(),
    stdout: z.string(),
    stderr: z.string(),
    truncated: z.boolean(),
    durationMs: z.number(),
  })
  .meta({ id: 'ExecResult' });

/** UTF-16 units of a command, which its entry in the audit log shows whole. */
const MAX_COMMAND = 4_096;
/** Each word has two quotes and a comma there. */
const isShortEnough = (argv: string[]) =>
  argv.reduce((length, word) => length + word.length + 3, 0) <= MAX_COMMAND;

/** A command: a line for the login's shell, or words that reach the program as they are. */
const execFields = {
  command: text(MAX_COMMAND).optional(),
  argv: z
    .array(text(MAX_COMMAND, 0))
    .min(1)
    .max(256)
    .refine(isShortEnough, { error: 'is longer than 4,096 characters, with three more for each word' })
    .optional(),
  /** Base64; standard input is empty without it. */
  stdin: z.base64().max(800_000).optional(),
};
const isOneCommand = ({ command, argv }: { command?: string | undefined; argv?: string[] | undefined }) =>
  (command === undefined) !== (argv === undefined);
const oneCommand = { path: ['command'], error: 'is needed, or argv in its place, and not both' };
/** Seconds that a command may take whose output is told at its end, and of one whose output is told as it comes. */
const EXEC_S = 120;
const STREAMED_EXEC_S = 3_600;
const executed = { exitCode: z.number().int().nullable(), signal: z.string().nullable() };

const oneServer = z.object({ server });

export const servers = {
  'GET /servers': {
    summary: 'List servers visible to the caller',
    query: z.strictObject({
      tag: line(40).optional(),
      q: text(100).optional(),
      state: serverState.optional(),
      limit,
      cursor,
    }),
    status: 200,
    response: z.object({ servers: z.array(server), nextCursor: z.string().nullable() }),
  },
  'GET /servers/events': {
    summary: 'Live list: each visible server, then "complete", then what changes, comes or goes',
    status: 200,
    events: { server, removed: z.object({ id }), complete: z.object({ servers: z.number().int() }) },
  },
  'POST /servers': {
    summary: 'Create server (caller becomes owner)',
    body: newServer,
    status: 201,
    response: oneServer,
  },
  'POST /servers/host-key': {
    summary: 'The host key that is shown at an address now; nobody logs in there',
    rateLimit: 'exec',
    body: z.strictObject({
      host,
      port: serverFields.port.default(22),
      jumpServerId: serverFields.jumpServerId.optional(),
    }),
    status: 200,
    response: z.object({ hostKey: z.object({ algorithm: z.string(), fingerprint: z.string() }) }),
  },
  'GET /servers/:id': { summary: 'Get single server', params: idParams, status: 200, response: oneServer },
  'PUT /servers/:id': {
    summary: 'Update server; secrets are kept when absent',
    params: idParams,
    body: serverChange,
    versioned: true,
    status: 200,
    response: oneServer,
  },
  'DELETE /servers/:id': {
    summary: 'Delete server; the remote machine is untouched',
    params: idParams,
    status: 204,
  },
  'POST /servers/:id/clone': {
    summary: 'Create a server like this one; the caller becomes its owner',
    params: idParams,
    body: serverClone,
    status: 201,
    response: oneServer,
  },
  'POST /servers/:id/test': {
    summary: 'Test SSH connection',
    params: idParams,
    status: 200,
    response: testResult,
  },
  'POST /servers/:id/host-key/accept': {
    summary: 'Replace the pinned host key by the one that the server shows now',
    params: idParams,
    body: z.strictObject({
      fingerprint,
    }),
    status: 200,
    response: oneServer,
  },
  'POST /servers/:id/exec': {
    summary: 'Run one command',
    rateLimit: 'exec',
    params: idParams,
    body: z
      .strictObject({ ...execFields, timeoutS: z.number().int().min(1).max(EXEC_S).default(30) })
      .refine(isOneCommand, oneCommand),
    status: 200,
    response: execResult,
  },
  'POST /servers/:id/exec/stream': {
    summary: 'Run one command, with its output as it comes and then how it ended',
    rateLimit: 'exec',
    params: idParams,
    body: z
      .strictObject({ ...execFields, timeoutS: z.number().int().min(1).max(STREAMED_EXEC_S).default(30) })
      .refine(isOneCommand, oneCommand),
    status: 200,
    events: {
      /** `data` is base64: programs print what they like. */
      output: z.object({ stream: z.enum(['stdout', 'stderr']), data: z.base64() }),
      exit: z.object({ ...executed, truncated: z.boolean(), durationMs: z.number() }),
      /** In place of `exit`: the status and the body that a call without a stream would have had. */
      failed: z.object({
        status: z.number().int(),
        error: z.string(),
        code: z.string(),
        hint: z.string().nullable(),
      }),
    },
  },
} as const satisfies Endpoints;
