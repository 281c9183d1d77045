// Binds routes to Fastify: the contract becomes validation, the policy becomes authorization.

import type { ServerResponse } from 'node:http';
import type { Problem } from '@buoy/contract';
import { contract, type Endpoint } from '@buoy/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import type { Caller } from '../users/caller.ts';
import { openAuditRecorder, type RequestContext, recordFailure, recordSuccess } from './audit-call.ts';
import type { Authorizer } from './authorize.ts';
import type { CallerOfRequest } from './caller-of-request.ts';
import { type Content, sendContent } from './content.ts';
import { loginCookie, refreshCookie } from './cookies.ts';
import { type StreamEvent, sendEventStream } from './event-stream.ts';
import type { ExpensiveCalls } from './expensive-calls.ts';
import { announcedBytes, type HeldBytes } from './held-bytes.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import type { OpenStreams, StreamReader } from './open-streams.ts';
import type { RateLimitRules } from './rate-limit.ts';
import { createRechecks, type Rechecks } from './rechecks.ts';
import type { RepeatedCalls } from './repeated-calls.ts';
import type { Context, PathParams, Policy, Route } from './route.ts';
import type { Tickets } from './tickets.ts';
import type { TokenCalls } from './token-calls.ts';
import { registerUploadBody, requireUpload } from './upload-body.ts';
import { serveWebSocket } from './web-socket.ts';

/** Milliseconds after which the caller's rights are asked for again while a call runs, and once more before its answer. */
const LONG_CALL_MS = 1_000;
/** Bytes of a body of somebody unknown, for whom nothing is counted; the longest is the initData of Telegram. */
const MAX_PUBLIC_BODY_BYTES = 65_536;
/** Who opens a stream without a sign-in. */
const NOBODY: StreamReader = { id: '', isSuperAdmin: false };

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

export type BindParts = {
  authorizer: Authorizer;
  callers: Pick<CallerOfRequest, 'identify'>;
  idempotency: Idempotency;
  audit: Audit;
  repeatedCalls: RepeatedCalls;
  rateLimits: RateLimitRules;
  tokenCalls: TokenCalls;
  expensiveCalls: ExpensiveCalls;
  heldBytes: HeldBytes;
  openStreams: OpenStreams;
  tickets: Tickets;
  appDomain: string | null;
};

/**
 * Registers every route below `prefix`.
 * @throws Error when the contract and the routes are not the same set, or a route has no policy: Buoy does not start then
 */
export function bind(app: FastifyInstance, routes: readonly Route[], parts: BindParts): void {
  assertComplete(routes);
  app.decorateRequest('callContext');
  app.addHook('onRequest', async (request) => {
    request.callContext = { caller: null, resource: null, admitted: false, recorder: null };
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

/** What is under way, over all routes. */
type Running = { streams: Set<AbortController>; rechecks: Rechecks };

function bindOne(app: FastifyInstance, one: Route, parts: BindParts, { streams, rechecks }: Running): void {
  const {
    authorizer,
    idempotency,
    audit,
    repeatedCalls,
    rateLimits,
    tokenCalls,
    expensiveCalls,
    heldBytes,
    openStreams,
  } = parts;
  const { endpoint, policy, key } = one;
  const [method = '', url = ''] = key.split(' ');
  const budget = rateLimits(endpoint.rateLimit);
  if (endpoint.cost === 'expensive' && policy.who === 'public')
    throw new Error(`${key} is expensive and public: its calls cannot be counted for a person.`);
  const kind = endpoint.socket !== undefined ? 'terminal' : endpoint.events !== undefined ? 'stream' : null;
  if (kind !== null && policy.who === 'public')
    throw new Error(`${key} is a stream and public: its streams cannot be counted for a person.`);
  const bodyLimit =
    policy.who === 'public'
      ? MAX_PUBLIC_BODY_BYTES
      : (endpoint.upload?.maxBytes ?? app.initialConfig.bodyLimit ?? 0);
  app.route({
    method,
    url,
    bodyLimit,
    schema: {
      summary: endpoint.summary,
      ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
      ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
      ...(endpoint.response === undefined ? {} : { response: { [endpoint.status]: endpoint.response } }),
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
      const bytes = announcedBytes(request.headers, bodyLimit);
      if (callContext.caller !== null && bytes > 0)
        whenOver(reply.raw, heldBytes.hold(callContext.caller.user.id, bytes));
      return payload;
    },
    // A body may arrive slowly: access that was revoked meanwhile must not be used.
    preValidation: async (request) => {
      const { callContext } = request;
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
        whenOver(reply.raw, heldBytes.hold(callContext.caller.user.id, Buffer.byteLength(payload)));
    },
    onError: async (request, _reply, error) => {
      await recordFailure(parts, key, request, request.callContext, error).catch((cause: unknown) =>
        request.log.error({ err: cause }, 'a refused call could not be written to the audit log'),
      );
    },
    handler: async (request, reply) => {
      if (endpoint.upload !== undefined) requireUpload(request.body, endpoint.upload);
      const abort = new AbortController();
      whenOver(reply.raw, () => abort.abort(new AppError('cancelled', 'The client disconnected.')));
      const { callContext } = request;
      const recorder = openAuditRecorder(audit, key, request, callContext);
      callContext.recorder = recorder;
      const context = contextOf(request, reply, {
        signal: abort.signal,
        audit: recorder,
        policy,
        authorizer,
      });
      // Counted here, after authorization and validation: only executed calls count.
      const spend = () => {
        if (endpoint.cost === 'expensive' && callContext.caller !== null)
          expensiveCalls.spend(callContext.caller.user.id, reply);
      };
      const stillAdmitted = () =>
        authorizer.stillAdmits(policy, method, callContext.caller, request.params as PathParams);
      /** Why the caller has lost access; null while authorized. */
      let refusal: AppError | null = null;
      const watchAccess = (graceMs: number, watched: typeof stillAdmitted): (() => void) => {
        const { caller } = callContext;
        if (caller === null) return () => undefined;
        const proof = caller.sessionId ?? caller.apiToken?.id;
        const onRefused = async (): Promise<void> => {
          refusal = await refusalFor(authorizer, caller);
          abort.abort(refusal);
        };
        const question = JSON.stringify([proof, key, request.params]);
        return rechecks.watch(question, graceMs, watched, () => void onRefused());
      };
      if (kind !== null) {
        // Before anything is read or started for it.
        const leave = openStreams.enter(callContext.caller?.user ?? NOBODY, kind);
        const stopWatching = watchAccess(0, stillAdmitted);
        streams.add(abort);
        try {
          if (endpoint.socket !== undefined)
            return await serveWebSocket(request, reply, {
              shape: endpoint.socket,
              appDomain: parts.appDomain,
              abort,
              work: (socket) => one.handler({ ...context, socket: socket as never }) as Promise<void>,
              onEnded: (error) =>
                error === null
                  ? recorder.succeed()
                  : recorder.end('failed', { details: { status: error.status, error: error.code } }),
            });
          spend();
          await sendEventStream(reply, endpoint, one.handler(context) as AsyncIterable<StreamEvent>, abort);
          // A client that disconnected or lost access gets no answer; the log gets the error.
          if (abort.signal.aborted && method !== 'GET') throw abort.signal.reason;
          if (method !== 'GET') await recordSuccess(repeatedCalls, key, request, callContext, recorder);
          return reply;
        } catch (error) {
          // Headers are on their way: Fastify tells nobody of this any more.
          if (method === 'GET' || !reply.raw.headersSent) throw error;
          await recordFailure(parts, key, request, callContext, error);
          return reply;
        } finally {
          streams.delete(abort);
          stopWatching();
          leave();
        }
      }
      // A database that does not answer once is no reason to break off what runs; before the answer goes out it must.
      const stopWatching = watchAccess(LONG_CALL_MS, () => stillAdmitted().catch(() => true));
      whenOver(reply.raw, stopWatching);
      const startedAt = performance.now();
      /** What takes long answers only those who may still have it. */
      const checkStillAdmitted = async (): Promise<void> => {
        const { caller } = callContext;
        const isLong = performance.now() - startedAt > LONG_CALL_MS;
        if (caller !== null && isLong && isRecheckedAtEnd(policy) && !(await stillAdmitted()))
          refusal ??= await refusalFor(authorizer, caller);
        if (refusal !== null) throw refusal;
      };
      const run = async (): Promise<unknown> => {
        try {
          const result = await one.handler(context);
          await checkStillAdmitted();
          return result;
        } catch (error) {
          throw refusal ?? error;
        }
      };
      if (endpoint.content !== undefined) {
        spend();
        const content = (await run()) as Content;
        // What is on its way already can only be cut.
        abort.signal.addEventListener('abort', () => reply.raw.destroy(), { once: true });
        return sendContent(request, reply, endpoint.content, content);
      }
      let acted = false;
      const act = async (): Promise<Answer> => {
        spend();
        acted = true;
        return { status: endpoint.status, body: await run() };
      };
      const proof = callContext.caller === null ? proofOf(request, endpoint) : undefined;
      // A stranger who brings nothing is like nobody else: an answer kept for them could be given to nobody again.
      const idempotencyKey =
        method === 'POST' && proof !== null ? request.headers['idempotency-key'] : undefined;
      const answer =
        idempotencyKey === undefined
          ? await act()
          : await idempotency.once(
              {
                key: String(idempotencyKey),
                userId: callContext.caller?.user.id ?? '',
                route: `${method} ${request.url}`,
                body: proof ?? request.body,
                requestId: request.id,
              },
              act,
            );
      // A repetition may have waited for a call with another token, whose end says nothing of this one.
      if (!acted) await checkStillAdmitted();
      if (answer.status !== endpoint.status) {
        const { code, error } = answer.body as Problem;
        await recordFailure(parts, key, request, callContext, new AppError(code, error));
      } else if (method !== 'GET') {
        if (!acted) recorder.note({ details: { repeated: true } });
        await recordSuccess(repeatedCalls, key, request, callContext, recorder);
      }
      return send(reply, endpoint, answer);
    },
  });
}

/** Calls `then` when the answer is over; at once where its client left meanwhile, since nothing says so again. */
function whenOver(response: ServerResponse, then: () => void): void {
  if (response.closed) then();
  else response.once('close', then);
}

/** Why an authorized caller has lost access. */
async function refusalFor(authorizer: Authorizer, caller: Caller): Promise<AppError> {
  const isLive = await authorizer.current(caller).then(
    (current) => current !== null,
    () => true,
  );
  return isLive
    ? new AppError('forbidden', 'You have no access to this any more, so it was stopped.', {
        hint: 'Ask the owner of the server for access.',
      })
    : new AppError('session_revoked', 'You have been signed out, so this was stopped.', {
        hint: 'Sign in again.',
      });
}

/** Calls of owners, of leaving members and of people for themselves may end the very right that they began with, such as a deletion or a transfer. */
function isRecheckedAtEnd(policy: Policy): boolean {
  if ('endsOwnRole' in policy) return false;
  return policy.who === 'viewer' || policy.who === 'admin' || policy.who === 'super';
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

/**
 * What stands for a caller before sign-in: the body and the kept sign-in, so that its answer goes to nobody else. null: they bring nothing
 * that the endpoint takes; such an answer, of which a stranger can have any number, is not kept.
 */
function proofOf(request: FastifyRequest, endpoint: Endpoint): unknown[] | null {
  if (endpoint.body === undefined) return null;
  const cookies = [refreshCookie.read(request), loginCookie.read(request)];
  const bringsNothing = request.body == null && cookies.every((cookie) => cookie === null);
  return bringsNothing ? null : [request.body, cookies];
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
  {
    signal,
    audit,
    policy,
    authorizer,
  }: { signal: AbortSignal; audit: AuditRecorder; policy: Policy; authorizer: Authorizer },
): Context<Endpoint, Policy> {
  const stillAdmits = (asked: Policy) =>
    authorizer.stillAdmits(asked, request.method, request.callContext.caller, request.params as PathParams);
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    caller: request.callContext.caller,
    client: { ip: request.ip, userAgent: request.headers['user-agent'] ?? null },
    origin: `${request.protocol}://${request.host}`,
    signal,
    requestId: request.id,
    audit,
    admits: stillAdmits,
    async callerNow() {
      const { caller } = request.callContext;
      if (caller === null) throw new Error('Nobody has signed in for this call.');
      const current = (await stillAdmits(policy)) ? await authorizer.current(caller) : null;
      if (current === null) throw await refusalFor(authorizer, caller);
      return current;
    },
    ifMatch: versionIn(request.headers['if-match']),
    lastEventId: headerText(request.headers['last-event-id']),
    refreshCookie: {
      read: () => refreshCookie.read(request),
      write: (value) => refreshCookie.write(reply, value),
    },
    loginCookie: {
      read: () => loginCookie.read(request),
      write: (value) => loginCookie.write(reply, value),
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
