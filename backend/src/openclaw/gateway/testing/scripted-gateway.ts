// A gateway on loopback that speaks OpenClaw's real frames and misbehaves on demand, for tests.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export type ScriptedError = {
  code: string;
  message: string;
  details?: unknown;
  retryable?: boolean;
  retryAfterMs?: number;
};

/** What a method answers: a payload, an error, or nothing at all (`silent`). */
export type ScriptedAnswer = { payload: unknown } | { error: ScriptedError } | 'silent';

export type ScriptedGateway = {
  readonly port: number;
  /** The secret that `connect` must show; change it to rotate. */
  token: string;
  /** null leaves it out, as 2026.7.35 does. */
  bootId: string | null;
  version: string;
  scopes: string[];
  tickIntervalMs: number;
  /** Accepts connections and says nothing. */
  silent: boolean;
  /** Answers of `connect`, used up one by one before the real one. */
  connectErrors: ScriptedError[];
  /** Answers by method, given the id of the call; one that is missing is an unknown method. */
  methods: Record<string, (params: unknown, id: string) => ScriptedAnswer>;
  /** Health pages: status and body by path. */
  pages: Record<string, { status: number; body: string }>;
  /** `connect` parameters and headers of each connection that came. */
  readonly connects: Array<{ headers: IncomingHttpHeaders; params: Record<string, unknown> }>;
  open(): number;
  emit(event: string, payload: unknown): void;
  /** Sends text as it is, frame or not. */
  sendRaw(text: string): void;
  /** Sends the beginning of a frame on each connection that has none yet. */
  beginFrame(bytes: number): void;
  closeAll(code: number, reason: string): void;
  /** May be called again. */
  stop(): Promise<void>;
};

export async function startScriptedGateway(port = 0): Promise<ScriptedGateway> {
  const sockets = new Set<WebSocket>();
  const begun = new WeakSet<WebSocket>();
  const server = createServer((request, response) => {
    const page = gateway.pages[request.url ?? ''] ?? {
      status: 200,
      body: '<!doctype html><title>OpenClaw</title>',
    };
    const type = page.body.startsWith('<') ? 'text/html; charset=utf-8' : 'application/json';
    response.writeHead(page.status, { 'content-type': type }).end(page.body);
  });
  const webSockets = new WebSocketServer({ server });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  const gateway: ScriptedGateway = {
    port: (server.address() as AddressInfo).port,
    token: 'right-token',
    bootId: 'boot-1',
    version: '2026.9.6',
    scopes: ['operator.admin', 'operator.read', 'operator.write'],
    tickIntervalMs: 30_000,
    silent: false,
    connectErrors: [],
    methods: {},
    pages: { '/readyz': { status: 200, body: JSON.stringify({ ready: true, failing: [] }) } },
    connects: [],
    open: () => sockets.size,
    emit(event, payload) {
      gateway.sendRaw(JSON.stringify({ type: 'event', event, payload }));
    },
    sendRaw(text) {
      for (const socket of sockets) socket.send(text);
    },
    beginFrame(bytes) {
      for (const socket of sockets) {
        if (!begun.has(socket)) socket.send('x'.repeat(bytes), { fin: false });
        begun.add(socket);
      }
    },
    closeAll(code, reason) {
      for (const socket of sockets) socket.close(code, reason);
    },
    async stop() {
      if (!server.listening) return;
      for (const socket of sockets) socket.terminate();
      webSockets.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function hello() {
    return {
      type: 'hello-ok',
      protocol: 4,
      server: { version: gateway.version, connId: 'c1', ...(gateway.bootId && { bootId: gateway.bootId }) },
      features: { methods: Object.keys(gateway.methods), events: [] },
      snapshot: { uptimeMs: 1234, authMode: 'token', presence: [] },
      auth: { role: 'operator', scopes: gateway.scopes },
      policy: {
        maxPayload: 26_214_400,
        maxBufferedBytes: 52_428_800,
        tickIntervalMs: gateway.tickIntervalMs,
      },
    };
  }

  function answerConnect(params: Record<string, unknown>): ScriptedAnswer {
    const error = gateway.connectErrors.shift();
    if (error !== undefined) return { error };
    if ((params.auth as { token?: string } | undefined)?.token !== gateway.token) {
      return {
        error: {
          code: 'INVALID_REQUEST',
          message: 'unauthorized: gateway token mismatch',
          details: { code: 'AUTH_TOKEN_MISMATCH', recommendedNextStep: 'update_auth_configuration' },
        },
      };
    }
    return { payload: hello() };
  }

  webSockets.on('connection', (socket, request) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (gateway.silent) return;
    socket.send(
      JSON.stringify({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: Date.now() } }),
    );
    socket.on('message', (data) => {
      const { id, method, params } = JSON.parse(data.toString()) as {
        id: string;
        method: string;
        params: Record<string, unknown>;
      };
      if (method === 'connect') gateway.connects.push({ headers: request.headers, params });
      const answer: ScriptedAnswer =
        method === 'connect'
          ? answerConnect(params)
          : (gateway.methods[method]?.(params, id) ?? {
              error: { code: 'INVALID_REQUEST', message: `unknown method: ${method}` },
            });
      if (answer === 'silent') return;
      const ok = 'payload' in answer;
      socket.send(JSON.stringify({ type: 'res', id, ok, ...answer }));
      if (method === 'connect' && !ok) socket.close(1008, 'connect failed');
    });
  });
  return gateway;
}
