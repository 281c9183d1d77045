// Buoy's relay of a Control UI, between browsers and a gateway that are both the test's.
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createOneATurn } from '../../src/lib/one-a-turn.ts';
import { relayRequest } from '../../src/openclaw/dashboard/relay-request.ts';
import { createSocketRelay } from '../../src/openclaw/dashboard/relay-socket.ts';
import { createHeldFrames } from '../../src/openclaw/gateway/held-frames.ts';

type Ended = { code: number; reason: string } | null;

/** `closed` is how Buoy closed each end, once it did. */
export type Tab = {
  browser: WebSocket;
  server: WebSocket;
  closed: { browser: Ended; server: Ended };
};

export type ControlUiRelay = {
  /** A tab of this person. */
  open(person: string): Promise<Tab>;
  /** The page that the gateway answers with, and Buoy's answer to a browser that asks for it. */
  page(html: Buffer): Promise<Buffer>;
  close(): void;
};

/** @param options.secret the gateway's own */
export async function startControlUiRelay({
  secret = 'a-secret-of-the-gateway',
  clock = systemClock,
  myTurn = createOneATurn(),
}: {
  secret?: string;
  clock?: Clock;
  myTurn?: (share: string) => Promise<void>;
} = {}): Promise<ControlUiRelay> {
  let shown: Buffer = Buffer.alloc(0);
  const web = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(shown),
  );
  const gateway = new WebSocketServer({ server: web, perMessageDeflate: false });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const { port } = web.address() as AddressInfo;
  const gatewayTunnel = {
    open: async () => ({
      stream: connect(port, '127.0.0.1') as Duplex,
      access: { port, auth: { token: secret }, problem: null } as never,
      isFresh: true,
    }),
    refused: () => {},
  };
  const heldFrames = createHeldFrames();
  const relay = createSocketRelay({ gatewayTunnel, heldFrames, myTurn, clock });
  const stillAdmitted = () => Promise.resolve();
  const http = createServer((request, response) => {
    const parts = {
      ...{ gatewayTunnel, clock, hold: () => () => undefined, myTurn: () => myTurn('ada') },
      holdUnread: (onTooMuch: () => void) => heldFrames.open('ada', onTooMuch),
    };
    const to = { serverId: 'srv_1', path: '/', stillAdmitted, signal: new AbortController().signal };
    relayRequest(parts, to, request, response).catch(() => response.destroy());
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const userId = String(request.headers['x-person']);
    const watch = () => () => undefined;
    const to = { serverId: 'srv_1', userId, path: '/x', base: 'http://x/s/1', stillAdmitted, watch };
    relay.relay(to, request, socket, head).catch(() => socket.destroy());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const browsers = new Set<WebSocket>();

  return {
    async open(person) {
      const taken = once(gateway, 'connection') as Promise<[WebSocket]>;
      const headers = { 'x-person': person };
      const browser = new WebSocket(`ws://${address}/x`, { headers, perMessageDeflate: false });
      browsers.add(browser);
      const [[server]] = await Promise.all([taken, once(browser, 'open')]);
      const tab: Tab = { browser, server, closed: { browser: null, server: null } };
      for (const end of ['browser', 'server'] as const) {
        tab[end].on('error', () => undefined);
        tab[end].on('close', (code, reason) => {
          tab.closed[end] = { code, reason: String(reason) };
        });
      }
      return tab;
    },

    async page(html) {
      shown = html;
      const [answer] = (await once(get(`http://${address}/`), 'response')) as [IncomingMessage];
      return buffer(answer);
    },

    close() {
      for (const end of [...browsers, ...gateway.clients]) end.terminate();
      gateway.close();
      for (const server of [web, http]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
