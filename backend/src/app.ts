// The HTTP application: authorization, routes, OpenAPI document, web app. main.ts listens with it, tests inject requests.
import type { ServerOptions } from 'node:http';
import path from 'node:path';
import cookie from '@fastify/cookie';
import staticFiles from '@fastify/static';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type preHandlerAsyncHookHandler,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Audit } from './audit/audit.ts';
import { watchMethods } from './http/allowed-methods.ts';
import { answerInTurn } from './http/answer-in-turn.ts';
import { serveApiReference } from './http/api-reference.ts';
import type { Authorizer } from './http/authorize.ts';
import { bind, refuseRoutesWithoutPolicy } from './http/bind.ts';
import { createCallerOfRequest } from './http/caller-of-request.ts';
import { createChangeLimits } from './http/change-limits.ts';
import { limitConnections } from './http/connection-limits.ts';
import { registerCookieRules } from './http/cookies.ts';
import { createExpensiveCalls } from './http/expensive-calls.ts';
import { createHeldBytes } from './http/held-bytes.ts';
import type { Idempotency } from './http/idempotency.ts';
import { registerJsonBody } from './http/json-body.ts';
import { type AnswerObserver, observeAnswer, observeAnswers } from './http/observe-answers.ts';
import type { OpenStreams } from './http/open-streams.ts';
import { type OpenapiDocument, openapiDocument } from './http/openapi.ts';
import { sendClientError, sendProblem } from './http/problem.ts';
import { type BudgetOwners, type RateLimits, registerRateLimit } from './http/rate-limit.ts';
import type { RepeatedCalls } from './http/repeated-calls.ts';
import { requestIdOf } from './http/request-id.ts';
import type { Route } from './http/route.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { sendInSlices } from './http/shared-bytes.ts';
import { readShell } from './http/shell.ts';
import { createStreamThrottle } from './http/stream-throttle.ts';
import type { Tickets } from './http/tickets.ts';
import { createTokenCalls } from './http/token-calls.ts';
import { endUnreadAnswers } from './http/unread-answers.ts';
import { isWebSocketUpgrade, registerWebSockets } from './http/web-socket.ts';
import { AppError } from './lib/app-error.ts';
import type { Clock } from './lib/clock.ts';
import { preparedJson, prepareJson } from './lib/prepared-json.ts';
import { maskSecretPath } from './lib/secret-paths.ts';
import type { TlsPair } from './tls-files.ts';

/** Bytes; larger bodies are refused with 413. */
const MAX_BODY_BYTES = 1_048_576;
/** Milliseconds that a client may take to send the head of a request, and all of it: slow ones must not hold sockets. */
const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Milliseconds between two checks for slow requests. */
const TIMEOUT_CHECK_MS = 5_000;

/** Milliseconds for a TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 15_000;

/** A file below `assets`: no part of its path begins with a dot, so that none leads out of the folder. */
const ASSET_PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;
/** Shows what Web Push brings to a browser. */
const SERVICE_WORKER = 'notification-worker.js';

export type AppParts = {
  /** `document` answers the OpenAPI document of these routes. */
  routes: (app: FastifyInstance, document: () => Promise<OpenapiDocument>) => readonly Route[];
  authorizer: Authorizer;
  idempotency: Idempotency;
  audit: Audit;
  repeatedCalls: RepeatedCalls;
  /** @returns what says whether anything can have been sent to that server since */
  watchSending: (serverId: string) => () => boolean;
  rateLimits: RateLimits;
  personOfCookie: BudgetOwners['ofCookie'];
  tickets: Tickets;
  openStreams: OpenStreams;
  clock: Clock;
  appDomain: string | null;
  /** Where a form of the web app leads into the Control UI, for the Host by which the caller reaches Buoy. */
  controlUiFormTarget: (host: string | undefined) => string;
  trustProxy: number;
  /** The certificate to begin with, where Buoy serves https itself. */
  tls: TlsPair | null;
  /** The kept sign-in works over plain http, too. */
  allowInsecureHttp: boolean;
  version: string;
  logger: FastifyBaseLogger;
  /** Told of each answer, for who counts them. */
  observe?: AnswerObserver;
  /** The built web app; without it only the API is served. */
  webRoot: string | null;
};

/**
 * Builds the application, ready to listen or to inject into.
 * @throws when a route has no policy or the contract is not wholly bound
 */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const { observe } = parts;
  const app: FastifyInstance = fastify({
    loggerInstance: parts.logger,
    ...transport(parts.tls),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // The nearest proxies are ours; the address before them is the client's.
    trustProxy: parts.trustProxy === 0 ? false : (_address: string, hop: number) => hop < parts.trustProxy,
    genReqId: requestIdOf,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      if (observe !== undefined) observeAnswer(observe, request, reply);
      void sendProblem(error, request, reply);
    },
    clientErrorHandler: sendClientError,
    routerOptions: { maxParamLength: 256 },
  });
  limitConnections(app.server, { trustProxy: parts.trustProxy });
  answerInTurn(app.server);
  app.setValidatorCompiler(validatorCompiler);
  // What is large and the same at each call, such as the document, has its bytes made once.
  app.setSerializerCompiler((schemaOfRoute) => {
    const serialize = serializerCompiler(schemaOfRoute as Parameters<typeof serializerCompiler>[0]);
    // Fastify sends bytes as well as text.
    return (data) => (preparedJson(data) as never) ?? serialize(data);
  });
  registerJsonBody(app);
  app.setErrorHandler(sendProblem);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // API responses are personal and short-lived, so they are not cached.
    // By the route: a path may be written in other ways that lead there.
    const { url = request.url } = request.routeOptions;
    if (/^\/api(\/|$|\?)/.test(url)) reply.header('cache-control', 'no-store');
  });
  if (observe !== undefined) observeAnswers(app, observe);

  registerWebSockets(app);
  endUnreadAnswers(app);
  sendInSlices(app);
  await registerSecurityHeaders(app, parts.appDomain, parts.controlUiFormTarget);
  await app.register(cookie);
  registerCookieRules(app, parts);
  const callers = createCallerOfRequest({ authorizer: parts.authorizer, tickets: parts.tickets });
  const rateLimits = await registerRateLimit(app, parts.rateLimits, {
    ofCaller: callers.budgetOf,
    ofPerson: callers.personOf,
    ofSession: callers.sessionOf,
    ofCookie: parts.personOfCookie,
  });
  refuseRoutesWithoutPolicy(app);
  const methodsOf = watchMethods(app);
  let making: Promise<OpenapiDocument> | null = null;
  const document = (): Promise<OpenapiDocument> => {
    making ??= openapiDocument(routes, parts.version).then(prepareJson);
    return making;
  };
  const routes = parts.routes(app, document);
  await app.register(
    (api, _options, done) => {
      try {
        bind(api, routes, {
          authorizer: parts.authorizer,
          callers,
          idempotency: parts.idempotency,
          audit: parts.audit,
          repeatedCalls: parts.repeatedCalls,
          watchSending: parts.watchSending,
          rateLimits,
          tokenCalls: createTokenCalls({ perMinute: parts.rateLimits.global, clock: parts.clock }),
          expensiveCalls: createExpensiveCalls({ clock: parts.clock }),
          changeLimits: createChangeLimits({ clock: parts.clock }),
          heldBytes: createHeldBytes(),
          tickets: parts.tickets,
          openStreams: parts.openStreams,
          streamThrottle: createStreamThrottle({ clock: parts.clock }),
          appDomain: parts.appDomain,
        });
        done();
      } catch (error) {
        // Thrown here, it would be lost: Fastify waits for `done` alone.
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    { prefix: '/api' },
  );
  const prepareReference = serveApiReference(app, document);
  // Made beside the first answers: no test that listens nowhere waits for it, and hardly anybody who calls does.
  app.addHook('onListen', async () => {
    prepareReference().catch((error: unknown) =>
      parts.logger.error({ err: error }, 'the API reference could not be generated'),
    );
  });
  await serveWebApp(app, parts.webRoot, methodsOf);
  await app.ready();
  return app;
}

/** Fastify's types make another application of one over https; it is used as the same. */
function transport(tls: TlsPair | null): { http: ServerOptions } {
  const http: ServerOptions = {
    shouldUpgradeCallback: isWebSocketUpgrade,
    // Of the two, Node takes the shorter one for the head: 60 s unless it is said.
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  if (tls === null) return { http };
  const https = { ...http, ...tls, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  return { https } as unknown as { http: ServerOptions };
}

/** What pages take. */
const PAGE_METHODS = ['GET', 'HEAD'];

/** Serves the web app; its own paths all answer with its page, anything below /api that is not there with 404 or 405. */
async function serveWebApp(
  app: FastifyInstance,
  webRoot: string | null,
  methodsOf: (path: string) => string[],
): Promise<void> {
  const shell = webRoot === null ? null : readShell(path.join(webRoot, 'index.html'));
  if (webRoot !== null && shell !== null) {
    await app.register(staticFiles, {
      root: webRoot,
      serve: false,
    });
    app.route({
      method: 'GET',
      url: '/assets/*',
      config: { policy: { who: 'public' }, rateLimit: false },
      handler: (request, reply) => {
        const file = (request.params as { '*': string })['*'];
        if (!ASSET_PATH.test(file)) return reply.callNotFound();
        // It keeps its name in every version, and acts for all pages of the app, not only for what is in its folder.
        if (file === SERVICE_WORKER)
          return reply.header('service-worker-allowed', '/').sendFile(`assets/${file}`, { maxAge: 0 });
        return reply.sendFile(`assets/${file}`, { maxAge: '365d', immutable: true });
      },
    });
  }
  const isPage = ({ url }: FastifyRequest): boolean =>
    shell !== null && !/^\/(api|assets)(\/|$|\?)/.test(url);
  const count = app.rateLimit();
  // Before the body is read: a wrong path must not be answered with a body error.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return;
    const { method } = request;
    if (isPage(request) && PAGE_METHODS.includes(method)) return;
    await count.call(app, request, reply);
    const [path = ''] = request.url.split('?');
    const allow = isPage(request) ? PAGE_METHODS : methodsOf(path);
    if (allow.length === 0 || allow.includes(method)) throw nothingAt(request);
    throw new AppError(
      'method_not_allowed',
      `${method} is not allowed on ${maskSecretPath(path).slice(0, 200)}; use ${allow.join(', ')}.`,
      { details: { allow } },
    );
  });
  // Also for a file of the app that is not there: its route hands over to this.
  const preHandler: preHandlerAsyncHookHandler = async function (request, reply) {
    if (!isPage(request)) await count.call(this, request, reply);
  };
  app.setNotFoundHandler({ preHandler }, (request, reply) => {
    if (shell !== null && isPage(request)) return shell.send(request, reply);
    throw nothingAt(request);
  });
}

function nothingAt({ method, url }: FastifyRequest): AppError {
  return new AppError(
    'not_found',
    `Nothing answers ${method} ${maskSecretPath(url).split('?')[0]?.slice(0, 200)} here.`,
  );
}
