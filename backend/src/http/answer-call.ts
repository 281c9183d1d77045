// Answers an admitted call: runs its handler while the caller keeps their access, as one body, a file, a stream or a WebSocket.
import type { ServerResponse } from 'node:http';
import type { Endpoint, Problem } from '@buoy/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import { AppError } from '../lib/app-error.ts';
import { type Caller, countedPerson } from '../users/caller.ts';
import { openAuditRecorder, recordFailure, recordSuccess } from './audit-call.ts';
import { type Authorizer, checkInPerson } from './authorize.ts';
import { contextOf, refusalFor } from './call-context.ts';
import { type ChangeLimits, endsAccessOrWork } from './change-limits.ts';
import { type Content, sendContent } from './content.ts';
import { loginCookie, refreshCookie } from './cookies.ts';
import { type StreamEvent, sendEventStream } from './event-stream.ts';
import type { ExpensiveCalls } from './expensive-calls.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import { type OpenStreams, readerOf, type StreamReader } from './open-streams.ts';
import type { Rechecks } from './rechecks.ts';
import type { RepeatedCalls } from './repeated-calls.ts';
import type { PathParams, Policy, Route } from './route.ts';
import type { StreamThrottle } from './stream-throttle.ts';
import { requireUpload } from './upload-body.ts';
import { serveWebSocket } from './web-socket.ts';

/** Milliseconds after which the caller's rights are asked for again while a call runs, and once more before its answer. */
const LONG_CALL_MS = 1_000;
/** Who opens a stream without a sign-in. */
const NOBODY: StreamReader = { id: '', isSuperAdmin: false, isApiToken: false };

export type AnswerParts = {
  authorizer: Authorizer;
  idempotency: Idempotency;
  audit: Audit;
  repeatedCalls: RepeatedCalls;
  changeLimits: ChangeLimits;
  expensiveCalls: ExpensiveCalls;
  openStreams: OpenStreams;
  streamThrottle: StreamThrottle;
  /** @returns what says whether anything can have been sent to that server since */
  watchSending: (serverId: string) => () => boolean;
  appDomain: string | null;
};

/** What is under way, over all routes. */
export type Running = { streams: Set<AbortController>; rechecks: Rechecks };

/** @param kind what its answer holds open; null: nothing */
export function answerCall(
  one: Route,
  kind: 'terminal' | 'stream' | null,
  parts: AnswerParts,
  { streams, rechecks }: Running,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  const { authorizer, idempotency, expensiveCalls, openStreams, streamThrottle } = parts;
  const { endpoint, policy, key } = one;
  const [method = ''] = key.split(' ');
  return async (request, reply) => {
    if (endpoint.upload !== undefined) requireUpload(request.body, endpoint.upload);
    const abort = new AbortController();
    whenOver(reply.raw, () => abort.abort(new AppError('cancelled', 'The client disconnected.')));
    const { callContext } = request;
    const recorder = openAuditRecorder(parts, key, request, callContext);
    callContext.recorder = recorder;
    if (callContext.caller !== null) parts.changeLimits.check(callContext.caller, key);
    if (method !== 'GET' && typeof callContext.resource === 'string')
      callContext.mayHaveSent = parts.watchSending(callContext.resource);
    const context = contextOf(request, reply, {
      method,
      signal: abort.signal,
      audit: recorder,
      policy,
      authorizer,
    });
    // Before a kept answer is given again.
    if (policy.who === 'super' && callContext.caller !== null && policy.inPersonFor?.(request.body) === true)
      checkInPerson(callContext.caller);
    // Counted here, after authorization and validation: only executed calls count.
    const spend = () => {
      if (isExpensive(endpoint, request.query) && callContext.caller !== null)
        expensiveCalls.spend(countedPerson(callContext.caller), reply);
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
      const reader = callContext.caller === null ? NOBODY : readerOf(callContext.caller);
      const leave = openStreams.enter(reader, kind);
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
        await sendEventStream(reply, endpoint, one.handler(context) as AsyncIterable<StreamEvent>, {
          abort,
          admit: (bytes) => streamThrottle.admit(reader.id, bytes, abort.signal),
        });
        // A client that disconnected or lost access gets no answer; the log gets the error.
        if (abort.signal.aborted && method !== 'GET') throw abort.signal.reason;
        if (method !== 'GET') await recordSuccess(callContext, recorder);
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
      return { status: successOf(endpoint, request.body), body: await run() };
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
              userId: callContext.caller === null ? '' : nameForKeys(callContext.caller),
              isNeverRefused: endsAccessOrWork(key),
              route: `${method} ${request.url}`,
              body: proof ?? request.body,
              requestId: request.id,
            },
            act,
          );
    // A repetition may have waited for a call with another token, whose end says nothing of this one.
    if (!acted) await checkStillAdmitted();
    if (answer.status !== successOf(endpoint, request.body)) {
      const { code, error } = answer.body as Problem;
      await recordFailure(parts, key, request, callContext, new AppError(code, error));
    } else if (method !== 'GET') {
      if (!acted) recorder.unchanged({ details: { repeated: true } });
      await recordSuccess(callContext, recorder);
    }
    return send(reply, successOf(endpoint, request.body), answer);
  };
}

/** Whose keys they are: the person's for all devices, and apart for all API tokens and for the bot, so that a thief of a token uses up none of the others'. */
function nameForKeys(caller: Caller): string {
  return caller.apiToken === null ? caller.user.id : countedPerson(caller);
}

/** The status of success. */
function successOf({ status, hasDryRun }: Endpoint, body: unknown): number {
  return hasDryRun === true && (body as { dryRun?: unknown }).dryRun === true ? 200 : status;
}

function isExpensive({ cost }: Endpoint, query: unknown): boolean {
  if (cost === 'expensive_if_fresh') return (query as { fresh?: unknown }).fresh === 'true';
  return cost === 'expensive';
}

/** Calls `then` when the answer is over; at once where its client left meanwhile, since nothing says so again. */
export function whenOver(response: ServerResponse, then: () => void): void {
  if (response.closed) then();
  else response.once('close', then);
}

/** Calls of owners, of leaving members and of people for themselves may end the very right that they began with, such as a deletion or a transfer. */
function isRecheckedAtEnd(policy: Policy): boolean {
  if ('endsOwnRole' in policy) return false;
  return policy.who === 'viewer' || policy.who === 'admin' || policy.who === 'super';
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

function send(reply: FastifyReply, success: number, { status, body }: Answer): FastifyReply {
  reply.code(status);
  if (status !== success)
    return reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
  return status === 204 ? reply.send() : reply.send(body);
}
