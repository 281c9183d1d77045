// Binds routes to Fastify: the contract becomes validation, the policy becomes authorization.
import { contract, type Endpoint } from '@buoy/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../lib/app-error.ts';
import { type Caller, countedPerson } from '../users/caller.ts';
import { type AnswerParts, answerCall, type Running, whenOver } from './answer-call.ts';
import { type RequestContext, recordFailure } from './audit-call.ts';
import { refusalFor } from './call-context.ts';
import type { CallerOfRequest } from './caller-of-request.ts';
import { announcedBytes, type HeldBytes } from './held-bytes.ts';
import type { RateLimitRules } from './rate-limit.ts';
import { createRechecks } from './rechecks.ts';
import { bodyIfAbsent, type PathParams, type Policy, type Route } from './route.ts';
import type { Tickets } from './tickets.ts';
import type { TokenCalls } from './token-calls.ts';
import { registerUploadBody } from './upload-body.ts';

/** Bytes of a body of somebody unknown, for whom nothing is counted; the longest is the initData of Telegram. */
const MAX_PUBLIC_BODY_BYTES = 65_536;
/** Bytes of the body of a call that ends a sign-in: it takes none, and is admitted whatever its session holds. */
const MAX_ENDING_BODY_BYTES = 1_024;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by bind(): a route without it stops the start. */
    policy?: Policy;
    /** The media type of an answer that is not JSON. */
    content?: string;
    /** The media types of a body that is a file. */
    uploadTypes?: readonly string[];
    /** The frames of an answer that is a WebSocket. */
    socket?: Endpoint['socket'];
  }
  interface FastifyRequest {
    callContext: RequestContext;
  }
}

export type BindParts = AnswerParts & {
  callers: Pick<CallerOfRequest, 'identify'>;
  rateLimits: RateLimitRules;
  tokenCalls: TokenCalls;
  heldBytes: HeldBytes;
  tickets: Tickets;
};

/**
 * Registers every route below `prefix`.
 * @throws Error when the contract and the routes are not the same set, or a route has no policy: Buoy does not start then
 */
export function bind(app: FastifyInstance, routes: readonly Route[], parts: BindParts): void {
  assertComplete(routes);
  app.decorateRequest('callContext');
  app.addHook('onRequest', async (request) => {
    request.callContext = {
      ...{ caller: null, resource: null, admitted: false, recorder: null },
      mayHaveSent: () => true,
    };
  });
  const streams = new Set<AbortController>();
  const rechecks = createRechecks();
  const running = { streams, rechecks };
  app.addHook('preClose', async () => {
    for (const abort of streams) abort.abort(new AppError('shutting_down', 'Buoy is shutting down.'));
  });
  app.addHook('onClose', async () => rechecks.close());
  for (const one of routes) {
    const { upload } = one.endpoint;
    if (upload === undefined) bindOne(app, one, parts, running);
    // Only there files are read; the parsers of a scope hold for its routes alone.
    else
      void app.register((scope, _options, done) => {
        try {
          registerUploadBody(scope, upload);
          bindOne(scope, one, parts, running);
          done();
        } catch (error) {
          done(error as Error);
        }
      });
  }
}

/** Refuses any route without a policy, bound here or added by hand. */
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

function bindOne(app: FastifyInstance, one: Route, parts: BindParts, running: Running): void {
  const { authorizer, rateLimits, tokenCalls, heldBytes } = parts;
  const { endpoint, policy, key } = one;
  const [method = '', url = ''] = key.split(' ');
  const budget = rateLimits(endpoint.rateLimit);
  const absent = bodyIfAbsent(key, endpoint);
  if (endpoint.cost !== undefined && policy.who === 'public')
    throw new Error(`${key} is expensive and public: its calls cannot be counted for a person.`);
  const kind = endpoint.socket !== undefined ? 'terminal' : endpoint.events !== undefined ? 'stream' : null;
  if (kind !== null && policy.who === 'public')
    throw new Error(`${key} is a stream and public: its streams cannot be counted for a person.`);
  const bodyLimit = bodyLimitOf(one, app.initialConfig.bodyLimit ?? 0);
  const endsSignIns = endpoint.rateLimit === 'ending' || endpoint.rateLimit === 'endable';
  const hold = (caller: Caller, bytes: number, isAnswer: boolean) =>
    heldBytes.hold(countedPerson(caller), bytes, { session: caller.sessionId, isAnswer, endsSignIns });
  app.route({
    method,
    url,
    bodyLimit,
    schema: {
      summary: endpoint.summary,
      ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
      ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
      ...(endpoint.response === undefined ? {} : { response: responsesOf(endpoint) }),
    },
    config: {
      policy,
      ...(endpoint.content === undefined ? {} : { content: endpoint.content }),
      ...(endpoint.upload === undefined ? {} : { uploadTypes: endpoint.upload.types }),
      ...(endpoint.socket === undefined ? {} : { socket: endpoint.socket }),
      ...(budget === null ? {} : { rateLimit: false }),
    },
    ...(budget === null || budget === 'unlimited' ? {} : { onRequest: budget }),
    // Before the body is read: a stranger's megabyte is not parsed.
    preParsing: async (request, reply, payload) => {
      const { callContext } = request;
      if (policy.who !== 'public') {
        callContext.caller = await identify(request, endpoint, parts);
        if (callContext.caller.apiToken !== null) tokenCalls.count(callContext.caller.user.id);
        authorizer.checkApproved(policy, callContext.caller);
        callContext.resource = await authorizer.locate(policy, request.params as PathParams);
        await authorizer.authorize(policy, method, callContext.caller, callContext.resource);
      }
      callContext.admitted = true;
      const bytes = announcedBytes(request.method, request.headers, bodyLimit);
      if (callContext.caller !== null && bytes > 0)
        whenOver(reply.raw, hold(callContext.caller, bytes, false));
      return payload;
    },
    // A body may arrive slowly: access that was revoked meanwhile must not be used.
    preValidation: async (request) => {
      const { callContext } = request;
      if (endpoint.body === undefined && endpoint.upload === undefined) refuseBody(request.body);
      if (request.body == null && absent != null) request.body = absent;
      if (callContext.caller === null || request.body === undefined) return;
      callContext.admitted = false;
      const current = await authorizer.current(callContext.caller);
      if (current === null) throw await refusalFor(authorizer, callContext.caller);
      callContext.caller = current;
      authorizer.checkApproved(policy, current);
      callContext.resource = await authorizer.locate(policy, request.params as PathParams);
      await authorizer.authorize(policy, method, current, callContext.resource);
      callContext.admitted = true;
    },
    onSend: async ({ callContext }, reply, payload) => {
      if (callContext.caller !== null && typeof payload === 'string')
        whenOver(reply.raw, hold(callContext.caller, Buffer.byteLength(payload), true));
    },
    onError: async (request, _reply, error) => {
      await recordFailure(parts, key, request, request.callContext, error).catch((cause: unknown) =>
        request.log.error({ err: cause }, 'a refused call could not be written to the audit log'),
      );
    },
    handler: answerCall(one, kind, parts, running),
  });
}

function bodyLimitOf({ endpoint, policy }: Route, usual: number): number {
  if (policy.who === 'public') return MAX_PUBLIC_BODY_BYTES;
  if (endpoint.rateLimit === 'ending') return MAX_ENDING_BODY_BYTES;
  return endpoint.upload?.maxBytes ?? usual;
}

/**
 * What nobody asked for is not looked through by anybody, and would fill the audit log. Some clients send `{}` with every call.
 * @throws AppError `invalid_request`
 */
function refuseBody(body: unknown): void {
  const isNothing = body == null || body === '' || (isRecord(body) && Object.keys(body).length === 0);
  if (!isNothing)
    throw new AppError('invalid_request', 'This call takes no body.', {
      hint: 'Send it without one.',
    });
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The caller by token or, for a browser's WebSocket, by ticket. With both, they must be the same person. */
async function identify(
  request: FastifyRequest,
  endpoint: Endpoint,
  { authorizer, callers, tickets }: Pick<BindParts, 'authorizer' | 'callers' | 'tickets'>,
): Promise<Caller> {
  const { ticket } = request.query as { ticket?: unknown };
  if (endpoint.socket === undefined || typeof ticket !== 'string') return callers.identify(request);
  const caller = tickets.redeem(ticket, (request.params as PathParams).id);
  const bearer = request.headers.authorization === undefined ? caller : await callers.identify(request);
  if (bearer.user.id !== caller.user.id)
    throw new AppError('unauthenticated', 'This ticket was made for another person.');
  const current = await authorizer.current(caller);
  if (current === null)
    throw new AppError('session_revoked', 'The person who asked for this ticket has been signed out.', {
      hint: 'Sign in again.',
    });
  return current;
}

/** The body of success by its status. */
function responsesOf({ status, response, hasDryRun }: Endpoint): Record<number, Endpoint['response']> {
  return { [status]: response, ...(hasDryRun === true ? { 200: response } : {}) };
}
