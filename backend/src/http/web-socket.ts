// WebSockets with the same authorization as other routes: the upgrade goes through Fastify's router to the handler.
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint } from '@buoy/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../lib/app-error.ts';
import { MAX_FRAME_PIECES, PIECE_COST_BYTES } from '../lib/frame-pieces.ts';
import type { FrameListener, FrameSocket } from '../lib/frame-socket.ts';
import { endConnection } from './end-connection.ts';
import { problemOf, toAppError } from './problem.ts';

/** Milliseconds between two signs of life; proxies close a connection that is silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** Milliseconds without any sign of life of the client: its network is gone, and nobody said so. */
const SILENCE_MS = 60_000;
/** Milliseconds for the client to answer a close. */
const CLOSE_MS = 2_000;
/** Codes of RFC 6455, 7.4.1. */
const NORMAL = 1000;
const BROKEN_OFF = 1011;

/** What came right behind the head of an upgrade, by its request: only these can become WebSockets. */
type Upgrades = WeakMap<IncomingMessage, Buffer>;

declare module 'fastify' {
  interface FastifyInstance {
    upgrades: Upgrades;
  }
}

/** Leads WebSocket upgrades through the router; to be called before the routes are registered. */
export function registerWebSockets(app: FastifyInstance): void {
  const upgrades: Upgrades = new WeakMap();
  app.decorate('upgrades', upgrades);
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket);
    } catch {
      // A request ahead of it in the same connection has no answer yet; thrown on, this would end the process.
      process.nextTick(() => socket.destroy());
      return;
    }
    upgrades.set(request, head);
    // Node does so for other connections; without it an answer in pieces would stop at the first one that waits.
    socket.on('drain', () => response.emit('drain'));
    // A refusal is an answer like any other; nothing can follow it here.
    response.once('finish', () => endConnection(socket));
    try {
      app.routing(request, response);
    } catch (error) {
      app.log.error({ err: error }, 'an upgrade could not be routed');
      socket.destroy();
    }
  });
}

/** Whether a request is to become a WebSocket; others that offer an upgrade, such as to HTTP/2, are answered as they are. */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

export type SocketOptions = {
  shape: NonNullable<Endpoint['socket']>;
  appDomain: string | null;
  /** Aborted from outside when Buoy closes or the caller loses access, with an AppError as reason. */
  abort: AbortController;
  /** Works until it is over; what it throws is told to the client as a frame of the type `error`. */
  work(socket: FrameSocket<unknown, unknown>): Promise<void>;
  /** Told how it ended, before the connection is closed: null when it went well. */
  onEnded(error: AppError | null): Promise<void>;
};

/**
 * Makes the request a WebSocket and has it worked with.
 * @throws AppError when the request cannot become one; there has been no answer then
 */
export async function serveWebSocket(
  request: FastifyRequest,
  reply: FastifyReply,
  options: SocketOptions,
): Promise<void> {
  const { abort, shape, work, onEnded } = options;
  const head = request.server.upgrades.get(request.raw);
  if (head === undefined)
    throw new AppError('upgrade_required', 'This path only accepts WebSocket connections.', {
      hint: 'Send "Connection: Upgrade" and "Upgrade: websocket", as every WebSocket client does.',
    });
  refuseOtherSites(request, options.appDomain);
  const socket = await accept(request, reply, head, shape.maxFrameBytes);
  let heardAt = performance.now();
  const alive = (): void => {
    heardAt = performance.now();
  };
  const gone = (): void => abort.abort(clientHasGone());
  socket.on('pong', alive).on('message', alive).on('close', gone).on('error', gone);
  const send = (frame: unknown): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(shape.toClient.parse(frame)));
  };
  const heartbeat = setInterval(() => {
    // Who is not read cannot show that it is there.
    if (!socket.isPaused && performance.now() - heardAt > SILENCE_MS) return socket.terminate();
    if (socket.isPaused) alive();
    send({ type: 'heartbeat' });
    socket.ping();
  }, HEARTBEAT_MS);
  let failure: AppError | null = null;
  try {
    await work(frameSocket(socket, send, options));
  } catch (cause) {
    failure = toAppError(abort.signal.aborted ? abort.signal.reason : cause);
    if (failure.code === 'internal') request.log.error({ err: failure }, 'a WebSocket broke off');
    send({ type: 'error', ...problemOf(failure, request.id) });
  } finally {
    clearInterval(heartbeat);
  }
  await onEnded(failure).catch((cause: unknown) =>
    request.log.error({ err: cause }, 'the end of a WebSocket could not be written to the audit log'),
  );
  socket.resume();
  socket.close(failure === null ? NORMAL : BROKEN_OFF);
  setTimeout(() => socket.terminate(), CLOSE_MS).unref();
}

/** A page of another site must not act for the person who views it. Programs send no origin. */
function refuseOtherSites(request: FastifyRequest, appDomain: string | null): void {
  const { origin } = request.headers;
  if (origin === undefined || origin === `https://${appDomain}`) return;
  if (URL.canParse(origin) && new URL(origin).host === request.host.toLowerCase()) return;
  throw new AppError('forbidden', 'Another site may not open this.');
}

const clientHasGone = (): AppError => new AppError('cancelled', 'The client disconnected.');

function accept(
  request: FastifyRequest,
  reply: FastifyReply,
  head: Buffer,
  maxPayload: number,
): Promise<WebSocket> {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload,
    maxBufferedChunks: MAX_FRAME_PIECES,
    // One frame a turn of the event loop, however many came at once.
    allowSynchronousEvents: false,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const connection = request.raw.socket;
  return new Promise((resolve, reject) => {
    // `ws` never calls back for a connection that ends meanwhile.
    const gone = (): void => reject(clientHasGone());
    if (connection.destroyed) return gone();
    connection.once('close', gone);
    server.once('wsClientError', (cause) =>
      reject(new AppError('invalid_request', 'The WebSocket handshake is not valid.', { cause })),
    );
    server.once('headers', (headers) => {
      for (const [name, value] of Object.entries(reply.getHeaders())) headers.push(`${name}: ${value}`);
    });
    server.handleUpgrade(request.raw, connection, head, (socket) => {
      connection.off('close', gone);
      // Nothing is lost that comes before somebody listens.
      socket.pause();
      reply.hijack();
      reply.raw.statusCode = 101;
      resolve(socket);
    });
  });
}

function frameSocket(
  socket: WebSocket,
  send: (frame: unknown) => void,
  { shape, abort }: SocketOptions,
): FrameSocket<unknown, unknown> {
  const receive = ({ onFrame, onBytes }: FrameListener<unknown>, data: RawData, isBinary: boolean): void => {
    if (abort.signal.aborted) return;
    if (isBinary) {
      onBytes(data as Buffer);
      return;
    }
    const frame = shape.fromClient.safeParse(jsonIn(String(data)));
    if (frame.success) onFrame(frame.data);
    else abort.abort(new AppError('invalid_request', 'This frame is not in the contract.'));
  };
  /** Messages of bytes that the network has not taken yet. */
  let waiting = 0;
  return {
    signal: abort.signal,
    listen(listener) {
      socket.on('message', (data, isBinary) => {
        try {
          receive(listener, data, isBinary);
        } catch (cause) {
          // Thrown on, it would end the process.
          abort.abort(toAppError(cause));
        }
      });
      socket.resume();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    send,
    sendBytes(bytes, onSent) {
      if (socket.readyState !== WebSocket.OPEN) return;
      waiting += 1;
      socket.send(bytes, { binary: true }, () => {
        waiting -= 1;
        onSent();
      });
    },
    waitingBytes: () => socket.bufferedAmount + waiting * PIECE_COST_BYTES,
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
