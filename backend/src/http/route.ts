// What a route is: a contract entry, a policy, a handler, and nothing else.
import {
  type Contract,
  contract,
  type Endpoint,
  type EndpointKey,
  type ParsedRequestOf,
  type ResponseOf,
  type Role,
  type StreamEventOf,
} from '@buoy/contract';
import type { Caller, ClientInfo } from '../users/sign-in.ts';

export type PathParams = Record<string, string>;

/** Who may call. Roles on a server say how the path leads to that server. */
export type Policy =
  | { who: 'public' }
  | { who: 'user' }
  | { who: 'super' }
  | { who: Role; serverOf: (params: PathParams) => Promise<string | null> };

export type Context<E extends Endpoint, P extends Policy> = ParsedRequestOf<E> & {
  /** null on public routes only. */
  caller: P extends { who: 'public' } ? null : Caller;
  client: ClientInfo;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  requestId: string;
  /** The version in If-Match, for optimistic locking. */
  ifMatch: number | null;
  /** Where a stream that broke wants to go on. */
  lastEventId: string | null;
  refreshCookie: { read(): string | null; write(value: string | null): void };
};

type Answer<E extends Endpoint> = 'events' extends keyof E
  ? AsyncIterable<StreamEventOf<E>>
  : 'response' extends keyof E
    ? Promise<ResponseOf<E>> | ResponseOf<E>
    : Promise<void>;

export type Handler<K extends EndpointKey, P extends Policy> = (
  context: Context<Contract[K], P>,
) => Answer<Contract[K]>;

/** A route as the door sees it, its types proved by `route()`. */
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
  return { key, endpoint: contract[key], policy, handler: handler as Route['handler'] };
}
