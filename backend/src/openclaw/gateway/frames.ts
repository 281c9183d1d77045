// The frames of OpenClaw's gateway protocol 4, parsed before use. Unknown fields and frame types pass; missing ones degrade.
import { z } from 'zod';
import type { GatewayAccess } from '../host/installation.ts';
import { cutText, firstOf, nameText, wordText } from '../reads/bounded.ts';
import type { Hello } from './gateways.ts';
import { parseJson } from './json-limits.ts';

const PROTOCOL = 4;

/** Error of a response: `code` and `details.code` are stable, `message` is for people (docs/gateway/protocol of 2026.9.6). */
const rpcError = z.looseObject({
  code: wordText,
  message: cutText(2_000).catch(''),
  /** Passed on as they are, so only as much as belongs into an answer about a failure. */
  details: z
    .unknown()
    .transform((value) => (isShort(value) ? value : undefined))
    .optional(),
  retryable: z.boolean().optional().catch(undefined),
  retryAfterMs: z.number().nonnegative().optional().catch(undefined),
});
/** UTF-16 units of the JSON of an error's details; a list of issues of the config has some thousand. */
const MAX_DETAILS = 16_384;

function isShort(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').length <= MAX_DETAILS;
}
export type RpcError = z.output<typeof rpcError>;

const response = z.discriminatedUnion('ok', [
  z.looseObject({ id: z.string(), ok: z.literal(true), payload: z.unknown().optional() }),
  z.looseObject({ id: z.string(), ok: z.literal(false), error: rpcError }),
]);
export type ResponseFrame = z.output<typeof response>;

const event = z.looseObject({ event: z.string(), payload: z.unknown().optional() });

export type IncomingFrame =
  | { kind: 'response'; frame: ResponseFrame }
  | { kind: 'event'; event: string; payload: unknown }
  /** A response that answers `id` but is not one of the protocol. */
  | { kind: 'malformed'; id: string }
  /** A frame of a kind that Buoy does not know. */
  | { kind: 'other' };

/** null when the text is no frame at all: the peer does not speak the protocol. */
export function readFrame(text: string): IncomingFrame | null {
  const value = parseJson(text);
  const envelope = z.looseObject({ type: z.string(), id: z.unknown().optional() }).safeParse(value);
  if (!envelope.success) return null;
  if (envelope.data.type === 'res') {
    const parsed = response.safeParse(value);
    if (parsed.success) return { kind: 'response', frame: parsed.data };
    return typeof envelope.data.id === 'string'
      ? { kind: 'malformed', id: envelope.data.id }
      : { kind: 'other' };
  }
  if (envelope.data.type === 'event') {
    const parsed = event.safeParse(value);
    return parsed.success
      ? { kind: 'event', event: parsed.data.event, payload: parsed.data.payload }
      : { kind: 'other' };
  }
  return { kind: 'other' };
}

/** The id of the call that a frame answers, as it was parsed; null when it answers none. */
export function idOf(frame: IncomingFrame): string | null {
  if (frame.kind === 'response') return frame.frame.id;
  return frame.kind === 'malformed' ? frame.id : null;
}

/** Scopes of the shared token on a loopback connection without a device; fewer would make later features ask again. */
const scopes = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
];

/**
 * `connect` as OpenClaw's own control plane sends it: `gateway-client` in mode `backend` needs no device identity on a
 * loopback connection, as long as there is neither an Origin nor an X-Forwarded-* header.
 */
export function connectParams(auth: GatewayAccess['auth']): Record<string, unknown> {
  return {
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    role: 'operator',
    client: {
      id: 'gateway-client',
      mode: 'backend',
      displayName: 'Buoy',
      version: '1.0.0',
      platform: process.platform,
    },
    scopes,
    // Without these the gateway denies a command that must be asked for: nobody is there to be asked. Not `plugin-approvals`: Buoy cannot
    // resolve those, and they would wait for nothing.
    caps: ['approvals', 'exec-approvals'],
    ...(auth === null ? {} : { auth }),
  };
}

/** Milliseconds, of 30,000 in OpenClaw: a timer of Node that is set for more than 24 days fires immediately. */
const MAX_TICK_INTERVAL_MS = 600_000;

const helloOk = z.looseObject({
  server: z.looseObject({ version: cutText(64), bootId: nameText.optional().catch(undefined) }),
  snapshot: z
    .looseObject({
      uptimeMs: z.number().nonnegative().optional().catch(undefined),
      authMode: wordText.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  auth: z
    .looseObject({ scopes: firstOf(wordText, 100).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  policy: z
    .looseObject({
      tickIntervalMs: z.number().positive().max(MAX_TICK_INTERVAL_MS).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

export type ParsedHello = {
  hello: Hello;
  /** Milliseconds between two `tick` events. */
  tickIntervalMs: number | null;
  /** null when the gateway does not say. */
  scopes: string[] | null;
};

/** null when the payload is no hello. */
export function readHello(payload: unknown): ParsedHello | null {
  const parsed = helloOk.safeParse(payload);
  if (!parsed.success) return null;
  const { server, snapshot, auth, policy } = parsed.data;
  return {
    hello: {
      version: server.version,
      bootId: server.bootId ?? null,
      uptimeMs: snapshot?.uptimeMs ?? null,
      authMode: snapshot?.authMode ?? null,
    },
    tickIntervalMs: policy?.tickIntervalMs ?? null,
    scopes: auth?.scopes ?? null,
  };
}
