// Binds routes to Fastify: what the contract says becomes validation, what the policy says becomes the door.
import { contract, type Endpoint } from '@buoy/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../users/sign-in.ts';
import type { Door } from './authorize.ts';
import { type StreamEvent, sendEventStream } from './event-stream.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import type { RateLimitRules } from './rate-limit.ts';
import { readRefreshCookie, writeRefreshCookie } from './refresh-cookie.ts';
import type { Context, PathParams, Policy, Route } from './route.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by bind(): a route without it stops the start. */
    policy?: Policy;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export type BindParts = { door: Door; idempotency: Idempotency; rateLimits: RateLimitRules };

/**
 * Registers every route below `prefix`.
 * @throws Error when the contract and the routes are not the same set, or a route has no policy: Buoy does not start then
 */
export function bind(app: FastifyInstance, routes: readonly Route[], parts: BindParts): void {
  assertComplete(routes);
  app.decorateRequest('caller', null);
  const streams = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const abort of streams) abort.abort();
  });
  for (const one of routes) bindOne(app, one, parts, streams);
}

/** Refuses any route, bound here or added by hand, that says nothing about who may call it. */
export function refuseRoutesWithoutPolicy(app: FastifyInstance): void {
  app.addHook('onRoute', (options) => {
    if (options.config?.policy === undefined)
      throw new Error(
        `The route ${String(options.method)} ${options.url} declares no policy; Buoy does not start with it.`,
      );
  });
}

function assertComplete(routes: readonly Route[]): void {
  const keys = routes.map((one) => one.key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  const missing = Object.keys(contract).filter((key) => !keys.some((bound) => bound === key));
  if (twice.length > 0) throw new Error(`Bound twice: ${twice.join(', ')}.`);
  if (missing.length > 0) throw new Error(`In the contract but not bound: ${missing.join(', ')}.`);
}

function bindOne(app: FastifyInstance, one: Route, parts: BindParts, streams: Set<AbortController>): void {
  const { door, idempotency, rateLimits } = parts;
  const { endpoint, policy, key } = one;
  const [method = '', url = ''] = key.split(' ');
  const budget = rateLimits(key);
  app.route({
    method,
    url,
    schema: {
      summary: endpoint.summary,
      ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
      ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
      ...(endpoint.response === undefined ? {} : { response: { [endpoint.status]: endpoint.response } }),
    },
    config: { policy, ...(budget === null ? {} : { rateLimit: false }) },
    ...(budget === null ? {} : { onRequest: budget }),
    // Before the body is read: a stranger's megabyte is not parsed.
    preParsing: async (request, _reply, payload) => {
      request.caller = await door.admit(policy, request.headers.authorization, request.params as PathParams);
      return payload;
    },
    handler: async (request, reply) => {
      const abort = new AbortController();
      reply.raw.on('close', () => abort.abort());
      const context = contextOf(request, reply, abort.signal);
      if (endpoint.events !== undefined) {
        const stillAdmitted = () => door.stillAdmits(policy, request.caller, request.params as PathParams);
        const events = one.handler(context) as AsyncIterable<StreamEvent>;
        streams.add(abort);
        return sendEventStream(reply, endpoint, events, { abort, stillAdmitted }).finally(() =>
          streams.delete(abort),
        );
      }
      const act = async (): Promise<Answer> => ({
        status: endpoint.status,
        body: await one.handler(context),
      });
      const idempotencyKey = method === 'POST' ? request.headers['idempotency-key'] : undefined;
      const answer =
        idempotencyKey === undefined
          ? await act()
          : await idempotency.once(
              {
                key: String(idempotencyKey),
                userId: request.caller?.user.id ?? '',
                route: `${method} ${request.url}`,
                // Before sign-in nobody has a name: the kept sign-in is part of what must be the same, or its answer goes to anyone.
                body: request.caller === null ? [request.body, readRefreshCookie(request)] : request.body,
                requestId: request.id,
              },
              act,
            );
      return send(reply, endpoint, answer);
    },
  });
}

function send(reply: FastifyReply, endpoint: Endpoint, { status, body }: Answer): FastifyReply {
  reply.code(status);
  if (status !== endpoint.status)
    return reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
  return status === 204 ? reply.send() : reply.send(body);
}

function contextOf(
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
): Context<Endpoint, Policy> {
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    caller: request.caller,
    client: { ip: request.ip, userAgent: request.headers['user-agent'] ?? null },
    signal,
    requestId: request.id,
    ifMatch: versionIn(request.headers['if-match']),
    lastEventId: headerText(request.headers['last-event-id']),
    refreshCookie: {
      read: () => readRefreshCookie(request),
      write: (value) => writeRefreshCookie(reply, value),
    },
  } as Context<Endpoint, Policy>;
}

/** `If-Match: "3"` → 3; NaN, which no version equals, for anything else that was sent. */
function versionIn(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null;
  return Number(/^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1] ?? Number.NaN);
}

function headerText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header.slice(0, 256) : null;
}
