// The listener of the Control UI, on its own origin: every request needs a session and is authorized again.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { whenOver } from './http/answer-call.ts';
import { answerInTurn } from './http/answer-in-turn.ts';
import { clientAddressOf } from './http/client-address.ts';
import { limitConnections } from './http/connection-limits.ts';
import { createControlUiCalls } from './http/control-ui-calls.ts';
import { enteredPage, PAGES_POLICY, refusalPage } from './http/control-ui-pages.ts';
import { endConnection } from './http/end-connection.ts';
import { createHeldBytes } from './http/held-bytes.ts';
import { cookieNamed } from './http/named-cookie.ts';
import { isFromOtherOrigin } from './http/other-origins.ts';
import { headersFrom, problemOf, sendClientError, toAppError } from './http/problem.ts';
import { requestIdOf } from './http/request-id.ts';
import { AppError, isAppError } from './lib/app-error.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';
import { createOneATurn } from './lib/one-a-turn.ts';
import { createTokenBuckets } from './lib/token-bucket.ts';
import { listenUrl } from './lib/urls.ts';
import type { ControlUiAddress } from './openclaw/dashboard/address.ts';
import type { ControlUi } from './openclaw/dashboard/dashboard.ts';
import type { GatewayTunnel } from './openclaw/dashboard/gateway-tunnel.ts';
import { basePathOf } from './openclaw/dashboard/page.ts';
import { relayRequest } from './openclaw/dashboard/relay-request.ts';
import { createSocketRelay } from './openclaw/dashboard/relay-socket.ts';
import { createSessionWatches } from './openclaw/dashboard/watch-session.ts';
import { createHeldFrames } from './openclaw/gateway/held-frames.ts';
import type { TlsPair } from './tls-files.ts';

/** Of the one session that a browser has on an origin. The prefix keeps scripts and other hosts from setting one; it takes https. */
const COOKIE = 'buoy_control_ui';
const SECURE_COOKIE = `__Host-Http-${COOKIE}`;
/** Bytes of the one body that Buoy reads itself. */
const MAX_ENTRY_BYTES = 1_024;
/** Milliseconds for the head of a request: slow senders must not hold sockets. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Milliseconds for all of it, an attachment of a chat included. */
const REQUEST_TIMEOUT_MS = 300_000;

export type ControlUiApp = {
  /** @throws when the port is taken; `port` null: the one after `besides`, or any free one when that is taken */
  listen(options: { host: string; port: number | null; besides: number }): Promise<string>;
  /** null until it listens. */
  port(): number | null;
  /** Serves this certificate from now on. */
  serveTls(pair: TlsPair): void;
  close(): Promise<void>;
};

export function createControlUiApp(parts: {
  controlUi: Pick<ControlUi, 'enter' | 'admit'>;
  address: Pick<ControlUiAddress, 'isOwn' | 'isFromApp' | 'isSecure'>;
  gatewayTunnel: GatewayTunnel;
  /** Cookies and codes that are none, from one address. */
  refusalsPerMinute: number;
  trustProxy: number;
  /** The certificate to begin with, where Buoy serves https itself. */
  tls: TlsPair | null;
  clock: Clock;
  logger: Logger;
}): ControlUiApp {
  const { controlUi, address, gatewayTunnel, refusalsPerMinute, trustProxy, tls, clock, logger } = parts;
  const cookieName = address.isSecure ? SECURE_COOKIE : COOKIE;
  const refusals = createTokenBuckets({
    capacity: refusalsPerMinute,
    refillMs: 60_000 / refusalsPerMinute,
    clock,
  });
  const heldFrames = createHeldFrames();
  const myTurn = createOneATurn();
  const sockets = createSocketRelay({ gatewayTunnel, heldFrames, myTurn, clock });
  const heldBytes = createHeldBytes();
  const calls = createControlUiCalls({ clock });
  const watches = createSessionWatches(clock);

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response)
      .catch((error: unknown) => refuse(request, response, error))
      .catch((error: unknown) => {
        logger.error({ err: error }, 'a refusal of the Control UI could not be sent');
        response.destroy();
      });
  };
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const tlsServer =
    tls === null
      ? null
      : createTlsServer({ ...timeouts, ...tls, handshakeTimeout: HEADERS_TIMEOUT_MS }, onRequest);
  const server = tlsServer ?? createServer(timeouts, onRequest);
  limitConnections(server, { trustProxy });
  answerInTurn(server);
  server.on('clientError', sendClientError);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      const { status, message } = known(error);
      const body = JSON.stringify({ error: message });
      endConnection(
        socket,
        `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, serverId, path } = placeOf(request);
    if (serverId !== null) return relay(serverId, path, request, response);
    if (pathname === '/enter' && request.method === 'POST') return enter(request, response);
    throw new AppError('not_found', 'This page does not exist.', {
      hint: 'Open the Control UI from the page of a server in Buoy.',
    });
  }

  async function enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A code that somebody else got for themselves must not lead this browser to their server.
    if (!address.isFromApp(request.headers))
      throw new AppError('forbidden', 'The Control UI can only be opened from Buoy itself.', {
        hint: 'Open it from the page of the server in Buoy, in this browser.',
      });
    const code = await entryCode(request);
    const earlier = cookieNamed(request.headers.cookie, cookieName);
    const { serverId, secret, lifeS } = await countingRefusals(request, () =>
      controlUi.enter(code, earlier === 'twice' ? null : earlier),
    );
    response.setHeader(
      'set-cookie',
      `${cookieName}=${secret}; Path=/; Max-Age=${lifeS}; HttpOnly; SameSite=Strict${address.isSecure ? '; Secure' : ''}`,
    );
    send(response, 200, 'text/html; charset=utf-8', enteredPage(`${basePathOf(serverId)}/`));
  }

  /** Limits guesses of cookies and codes per address. Valid ones are not limited by others at the address. */
  async function countingRefusals<T>(request: IncomingMessage, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error, 'unauthenticated', 'not_found')) throw error;
      const { granted, retryAfterMs } = refusals.take(clientAddressOf(request, trustProxy));
      if (granted) throw error;
      throw new AppError('rate_limited', 'Too many requests to the Control UI were refused.', {
        hint: 'Wait a minute, then open the Control UI from the page of the server in Buoy.',
        details: { retryAfterS: Math.ceil(retryAfterMs / 1_000) },
      });
    }
  }

  function secretIn(request: IncomingMessage): string | null {
    const secret = cookieNamed(request.headers.cookie, cookieName);
    if (secret === 'twice')
      throw new AppError('unauthenticated', 'This browser sends two Control UI cookies.', {
        hint: 'Close all tabs of the Control UI, delete the cookies of this address, then open it from Buoy again.',
      });
    return secret;
  }

  /** A request without a cookie needs no database read and is not counted. */
  async function admit(request: IncomingMessage, serverId: string) {
    const secret = secretIn(request);
    const stillAdmitted = () => controlUi.admit(secret, serverId);
    const { userId } = await (secret === null
      ? stillAdmitted()
      : calls.counted(secret, () => countingRefusals(request, stillAdmitted)));
    const watch = (onOver: (reason: unknown) => void) =>
      watches.watch(JSON.stringify([serverId, secret]), stillAdmitted, onOver);
    return { userId, stillAdmitted, watch };
  }

  async function relay(
    serverId: string,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    const isNavigation = request.headers['sec-fetch-mode'] === 'navigate';
    if (
      (changes && !address.isOwn(serverId, request.headers)) ||
      (isFromOtherOrigin(request.headers) && !isNavigation)
    )
      throw new AppError('forbidden', 'Another site may not call the Control UI.');
    // A service worker would outlive the session and observe the next one.
    if (request.headers['service-worker'] !== undefined)
      throw new AppError('not_found', 'The Control UI does not offer a service worker here.');
    const { userId, stillAdmitted, watch } = await admit(request, serverId);
    if (path === '') {
      response.writeHead(308, { location: `${basePathOf(serverId)}/` }).end();
      return;
    }
    whenOver(response, calls.enter(userId));
    const gone = new AbortController();
    const stopWatching = watch((reason) => gone.abort(reason));
    whenOver(response, () => {
      stopWatching();
      gone.abort(new AppError('cancelled', 'The browser disconnected.'));
    });
    const hold = (bytes: number) => heldBytes.hold(userId, bytes);
    const holdUnread = (onTooMuch: () => void) => heldFrames.open(userId, onTooMuch);
    try {
      await relayRequest(
        { gatewayTunnel, hold, holdUnread, myTurn: () => myTurn(userId), clock },
        { serverId, path, stillAdmitted, signal: gone.signal },
        request,
        response,
      );
    } catch (error) {
      throw gone.signal.aborted ? gone.signal.reason : error;
    } finally {
      stopWatching();
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { serverId, path } = placeOf(request);
    if (serverId === null) throw new AppError('not_found', 'This page does not exist.');
    if (!address.isOwn(serverId, request.headers))
      throw new AppError('forbidden', 'Another site may not call the Control UI.');
    const { userId, stillAdmitted, watch } = await admit(request, serverId);
    const scheme = address.isSecure ? 'https' : 'http';
    const base = `${scheme}://${request.headers.host ?? ''}${basePathOf(serverId)}`;
    await sockets.relay(
      { serverId, userId, path: path === '' ? '/' : path, base, stillAdmitted, watch },
      request,
      socket,
      head,
    );
  }

  function refuse(request: IncomingMessage, response: ServerResponse, cause: unknown): void {
    const error = known(cause);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value] of Object.entries(headersFrom(error.details))) response.setHeader(name, value);
    if (/\btext\/html\b/.test(request.headers.accept ?? ''))
      send(response, error.status, 'text/html; charset=utf-8', refusalPage(error));
    else
      send(
        response,
        error.status,
        'application/json; charset=utf-8',
        JSON.stringify(problemOf(error, requestIdOf(request))),
      );
  }

  function known(cause: unknown): AppError {
    const error = toAppError(cause);
    if (error.code === 'internal') logger.error({ err: error }, 'the Control UI could not be shown');
    return error;
  }

  return {
    async listen({ host, port, besides }) {
      const wanted = port ?? (besides === 0 || besides === 65_535 ? 0 : besides + 1);
      const listening = async (at: number) => {
        server.listen({ host, port: at });
        await once(server, 'listening');
      };
      await listening(wanted).catch((error: NodeJS.ErrnoException) => {
        if (port !== null || error.code !== 'EADDRINUSE') throw error;
        logger.warn(
          { port: wanted },
          'the port for the Control UI is taken, another one is used; set CONTROL_UI_PORT',
        );
        return listening(0);
      });
      return listenUrl(server.address(), tls === null ? 'http' : 'https');
    },
    serveTls: (pair) => tlsServer?.setSecureContext(pair),
    port: () => (server.address() as AddressInfo | null)?.port ?? null,
    async close() {
      sockets.close();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `/s/<server>` and what is behind it; `path` '' where there is not even a slash. */
function placeOf(request: IncomingMessage): { pathname: string; serverId: string | null; path: string } {
  const url = request.url ?? '';
  const [, serverId, path = ''] = /^\/s\/([A-Za-z0-9_-]{1,64})(?=[/?]|$)(.*)$/.exec(url) ?? [];
  const pathname = url.split('?')[0] ?? '';
  if (serverId === undefined) return { pathname, serverId: null, path: '' };
  return { pathname, serverId, path: path.startsWith('?') ? `/${path}` : path };
}

/** The code in the form that a page of Buoy sends. */
async function entryCode(request: IncomingMessage): Promise<string> {
  if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? ''))
    throw new AppError('invalid_request', 'The body must be a form.');
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_ENTRY_BYTES) throw new AppError('payload_too_large', 'The body is too large.');
  }
  const code = new URLSearchParams(text).get('code') ?? '';
  if (!/^[\w-]{1,256}$/.test(code)) throw new AppError('invalid_request', 'The request contains no code.');
  return code;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'content-security-policy': PAGES_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}
