// A receiver of webhooks or a push service, over http or https: takes what is posted, or misbehaves as it is told.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { listenOnLoopback } from './listen-on-loopback.ts';

export type ReceivedRequest = { path: string; headers: Record<string, string>; body: Buffer };

/**
 * What happens to one request: a status, no answer at all, a closed connection before or after the request was taken, an answer that
 * turns to another protocol, or 1xx answers without an end.
 */
export type Misbehaviour =
  | { status: number; retryAfterS?: number; location?: string }
  | 'hang'
  | 'drop'
  | 'upgrade'
  | 'inform'
  | 'take and drop';

export type FakeHttpReceiver = {
  url: string;
  /** What it has taken, oldest first: answered with 2xx, or dropped after it was taken. */
  taken: ReceivedRequest[];
  /** Requests of all kinds. */
  requests: number;
  /** What happens to the next ones, in this order. */
  misbehave(...next: Misbehaviour[]): void;
  /** What happens to all of them, after those above; null: they are taken. */
  always(misbehaviour: Misbehaviour | null): void;
  /** Takes all from now on. */
  recover(): void;
  stop(): Promise<void>;
};

/** Bytes; no message of a test is larger. */
const MAX_BODY_BYTES = 1024 * 1024;

/** @param tls the content of PEM files */
export async function startFakeHttpReceiver(tls?: { cert: Buffer; key: Buffer }): Promise<FakeHttpReceiver> {
  const planned: Misbehaviour[] = [];
  let standing: Misbehaviour | null = null;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    receiver.requests += 1;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return void request.socket.destroy();
      chunks.push(chunk);
    }
    const behaviour = planned.shift() ?? standing;
    if (behaviour === 'hang') return;
    if (behaviour === 'upgrade')
      return void request.socket.write('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    if (behaviour === 'inform')
      return void request.socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(10_000));
    if (behaviour === 'drop') return void request.socket.destroy();
    const isTaken = behaviour === null || behaviour === 'take and drop' || behaviour.status < 300;
    if (isTaken) receiver.taken.push(requestOf(request, Buffer.concat(chunks)));
    if (behaviour === 'take and drop') return void request.socket.destroy();
    const { status, retryAfterS, location } = { status: 201, ...behaviour };
    response.writeHead(status, {
      ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      ...(location === undefined ? {} : { location }),
    });
    response.end();
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    take(request, response).catch(() => request.socket.destroy());
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  const { port } = await listenOnLoopback(server);

  const receiver: FakeHttpReceiver = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    taken: [],
    requests: 0,
    misbehave: (...next) => void planned.push(...next),
    always(misbehaviour) {
      standing = misbehaviour;
    },
    recover() {
      planned.length = 0;
      standing = null;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

function requestOf(request: IncomingMessage, body: Buffer): ReceivedRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return { path: request.url ?? '/', headers, body };
}
