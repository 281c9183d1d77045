// Reports each answer to the metrics: route and outcome, no content.
import { performance } from 'node:perf_hooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDenial, type RequestContext } from './audit-call.ts';

export type Answered = {
  method: string;
  /** The template from the contract such as "/servers/:id"; "unmatched" for every path that no route has, the web app's pages among them. */
  route: string;
  /** 499: the client went away before there was an answer. */
  status: number;
  /** Until the last byte of the answer; null for event streams and WebSockets, which stay open. */
  durationMs: number | null;
  /** Authorization refused the call. */
  denied: boolean;
};

export type AnswerObserver = (answer: Answered) => void;

const CLIENT_CLOSED = 499;
/** A WebSocket: its answer does not go through Node's response. */
const UPGRADED = 101;

/** Tells `observe` of every answer of this application; to be called before the routes are registered. */
export function observeAnswers(app: FastifyInstance, observe: AnswerObserver): void {
  app.addHook('onRequest', (request, reply, done) => {
    observeAnswer(observe, request, reply);
    done();
  });
}

/** Tells `observe` how this request ends. Called by hand for what Fastify answers before any hook. */
export function observeAnswer(observe: AnswerObserver, request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = reply;
  const startedAt = performance.now();
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    const status = raw.headersSent || raw.statusCode === UPGRADED ? raw.statusCode : CLIENT_CLOSED;
    // Not there on a path that no route has.
    const callContext: RequestContext | undefined = request.callContext;
    observe({
      method: request.method,
      route: routeOf(request),
      status,
      durationMs: isStream(reply) ? null : performance.now() - startedAt,
      denied: callContext !== undefined && isDenial(status, callContext.admitted),
    });
  };
  // "close" alone would do, but comes a moment after the client has its answer.
  raw.once('finish', tell).once('close', tell);
}

function routeOf(request: FastifyRequest): string {
  const template = request.is404 ? undefined : request.routeOptions.url;
  return template === undefined ? 'unmatched' : template.replace(/^\/api\//, '/');
}

function isStream({ raw }: FastifyReply): boolean {
  return raw.statusCode === UPGRADED || String(raw.getHeader('content-type')).startsWith('text/event-stream');
}
