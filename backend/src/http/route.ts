// What a route is: a contract entry, a policy, a handler, and nothing else.
import {
  type Contract,
  contract,
  type Endpoint,
  type EndpointKey,
  type ParsedRequestOf,
  type ResponseOf,
  type Role,
  type Scope,
  type StreamEventOf,
} from '@buoy/contract';
import type { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { FrameSocket } from '../lib/frame-socket.ts';
import type { Caller, CallerInPerson, CallerNow, ClientInfo } from '../users/caller.ts';
import type { Content } from './content.ts';

export type PathParams = Record<string, string>;

/**
 * What a call without a body counts as: null where its schema takes that, an empty one in a POST where each field has a default; undefined: it needs a
 * body.
 */
export function bodyIfAbsent(key: string, { body }: Endpoint): null | object | undefined {
  // So Fastify hands it on.
  if (body === undefined || body.safeParse(null).success) return null;
  return key.startsWith('POST ') && body.safeParse({}).success ? {} : undefined;
}

/** `null`: the path leads to nothing. `globalScope`: to something that belongs to no server, which super-admins alone see. */
export const globalScope = Symbol('the whole Buoy');
export type ServerOf = (params: PathParams) => Promise<string | null | typeof globalScope>;

/**
 * Who may call. Roles on a server say how the path leads to that server. `endsOwnRole`: the call may end the role that it needs. `pending`: also
 * a person who is not approved yet. `inPersonFor`: a call with such a body is closed to API tokens, also to those that would repeat one.
 */
export type Policy =
  | { who: 'public' }
  | { who: 'user'; inPerson?: true; pending?: true }
  | { who: 'super'; scope?: Scope; inPerson?: true; inPersonFor?: (body: unknown) => boolean }
  | { who: Role; serverOf: ServerOf; endsOwnRole?: true };

export type CookieOfCall = { read(): string | null; write(value: string | null): void };

export type Context<E extends Endpoint, P extends Policy> = ParsedRequestOf<E> & {
  /** null on public routes only. */
  caller: P extends { who: 'public' } ? null : P extends { inPerson: true } ? CallerInPerson : Caller;
  client: ClientInfo;
  /** Scheme, host and port that the client used, as in `https://buoy.example`. */
  origin: string;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  requestId: string;
  /** The version in If-Match, for optimistic locking. */
  ifMatch: number | null;
  /** Where a stream that broke wants to go on. */
  lastEventId: string | null;
  /** Where the audit entry of this call is made. */
  audit: AuditRecorder;
  callerNow: CallerNow;
  /** Whether the caller is now authorized for this policy. For streams that show some callers more than others. */
  admits(policy: Policy): Promise<boolean>;
  refreshCookie: CookieOfCall;
  /** What binds a “Log in with Telegram” to the browser that began it. */
  loginCookie: CookieOfCall;
  /** What the endpoint answers with, where it is a WebSocket. */
  socket: SocketOf<E>;
};

type SocketOf<E extends Endpoint> = E['socket'] extends { fromClient: z.ZodType; toClient: z.ZodType }
  ? FrameSocket<z.output<E['socket']['fromClient']>, z.output<E['socket']['toClient']>>
  : never;

type Answer<E extends Endpoint> = 'events' extends keyof E
  ? AsyncIterable<StreamEventOf<E>>
  : 'content' extends keyof E
    ? Promise<Content> | Content
    : 'response' extends keyof E
      ? Promise<ResponseOf<E>> | ResponseOf<E>
      : Promise<void>;

export type Handler<K extends EndpointKey, P extends Policy> = (
  context: Context<Contract[K], P>,
) => Answer<Contract[K]>;

/** A route as authorization sees it, with types checked by `route()`. */
export type Route = {
  key: EndpointKey;
  endpoint: Endpoint;
  policy: Policy;
  handler: (context: Context<Endpoint, Policy>) => unknown;
};

/** Ties a handler to its contract entry; the compiler holds it to the entry's types. */
export function route<K extends EndpointKey, P extends Policy>(
  key: K,
  policy: P,
  handler: Handler<K, P>,
): Route {
  return { key, endpoint: contract[key], policy, handler: handler as unknown as Route['handler'] };
}
