// An admin asks for a WebSocket of the Control UI on a slow server, to get a connection with the gateway's secret after the role has ended.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ControlUiApp, createControlUiApp } from '../../src/dashboard-app.ts';
import { AppError } from '../../src/lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import type { GatewayTunnel } from '../../src/openclaw/dashboard/gateway-tunnel.ts';

let clock: FakeClock;
let app: ControlUiApp;
let url: string;
let gateway: Server;
let isAdmin: boolean;
let openTunnel: GatewayTunnel['open'];
/** The gateway's answer to an upgrade, which the test gives. */
let takeUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
/** Whether Buoy has left the gateway. */
let left: Promise<unknown>;

const cleanUp: Array<() => unknown> = [];

beforeEach(async () => {
  clock = createFakeClock();
  isAdmin = true;
  gateway = createServer();
  const gone = Promise.withResolvers<unknown>();
  left = gone.promise;
  gateway.on('upgrade', (request, socket, head) => {
    socket
      .on('error', () => undefined)
      .once('end', gone.resolve)
      .once('close', gone.resolve)
      .resume();
    cleanUp.push(() => socket.destroy());
    takeUpgrade(request, socket, head);
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const { port } = gateway.address() as AddressInfo;
  openTunnel = async () => ({
    stream: connect(port, '127.0.0.1') as Duplex,
    access: { port, auth: { token: 'a-secret-of-the-gateway' }, problem: null } as never,
    isFresh: true,
  });
  app = createControlUiApp({
    controlUi: {
      enter: () => expect.unreachable(),
      admit: async (_secret, serverId) => {
        if (!isAdmin) throw new AppError('forbidden', 'You are no longer an admin of this server.');
        return { serverId, userId: 'ada' };
      },
    },
    address: { isOwn: () => true, isFromApp: () => true, isSecure: false },
    gatewayTunnel: { open: (...input) => openTunnel(...input), refused: () => undefined },
    ...{ refusalsPerMinute: 20, trustProxy: 0, tls: null, clock },
    logger: createRecordingLogger().logger,
  });
  url = await app.listen({ host: '127.0.0.1', port: 0, besides: 0 });
});
afterEach(async () => {
  for (const close of cleanUp.splice(0)) close();
  await app.close();
  gateway.close();
});

/** Answers the status with which Buoy answers an upgrade. */
function open(): Promise<number> {
  const browser = new WebSocket(`${url.replace('http', 'ws')}/s/srv_1`, {
    headers: { cookie: 'buoy_control_ui=good' },
  });
  browser.on('error', () => undefined);
  cleanUp.push(() => browser.terminate());
  return new Promise((resolve) => {
    browser.on('open', () => resolve(101));
    browser.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
  });
}

describe('a Control UI WebSocket of an admin whose role ends while it is opened', () => {
  test('is refused when the gateway takes it at last, and Buoy leaves the gateway', async () => {
    const taker = new WebSocketServer({ noServer: true });
    takeUpgrade = (request, socket, head) => {
      isAdmin = false;
      taker.handleUpgrade(request, socket, head, () => undefined);
    };
    expect(await open()).toBe(403);
    await left;
  });

  test('is refused within a second while the gateway does not answer, and Buoy leaves the gateway', async () => {
    const asked = Promise.withResolvers<void>();
    takeUpgrade = () => asked.resolve();
    const status = open();
    await asked.promise;
    isAdmin = false;
    clock.pass(1_000);
    expect(await status).toBe(403);
    await left;
  });

  test('is refused within a second while the server does not open the way to the gateway', async () => {
    const asked = Promise.withResolvers<void>();
    openTunnel = (_serverId, signal) => {
      asked.resolve();
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
    };
    const status = open();
    await asked.promise;
    isAdmin = false;
    clock.pass(1_000);
    expect(await status).toBe(403);
  });

  test('is opened for who is still an admin', async () => {
    const taker = new WebSocketServer({ noServer: true });
    takeUpgrade = (request, socket, head) => taker.handleUpgrade(request, socket, head, () => undefined);
    expect(await open()).toBe(101);
  });
});
