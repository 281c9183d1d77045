// WebSocket keep-alive, with a client that answers and one whose network is gone.
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';
import type { FrameSocket } from '../lib/frame-socket.ts';
import { admin, serverInPath } from './policies.ts';
import { route } from './route.ts';

const HEARTBEAT_MS = 15_000;
const path = '/api/servers/srv_1/terminal';

let running: DurabilityApp;
let authorization: string;
let port: number;
/** Why the handler was told to stop. */
let stopped: Promise<unknown>;
/** What else the handler does with its socket. */
let handle: (socket: FrameSocket<unknown, unknown>) => Promise<void>;

beforeEach(async () => {
  const stopReason = Promise.withResolvers<unknown>();
  stopped = stopReason.promise;
  handle = () => Promise.resolve();
  running = await startDurabilityApp({
    routes: [
      route('GET /servers/:id/terminal', admin(serverInPath), async ({ socket }) => {
        socket.listen({ onFrame: () => undefined, onBytes: () => undefined });
        await handle(socket);
        await new Promise((resolve) => socket.signal.addEventListener('abort', resolve));
        stopReason.resolve(socket.signal.reason);
      }),
    ],
  });
  authorization = await running.authorization(42);
  await running.addServer('srv_1', 42, 'admin');
  await running.app.listen({ host: '127.0.0.1', port: 0 });
  port = (running.app.server.address() as AddressInfo).port;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await running.close();
});

test('a WebSocket stays open while the client answers the ping every 15 s', async () => {
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization } });
  const frames: string[] = [];
  client.on('message', (data) => frames.push(String(data)));
  await once(client, 'open');
  for (let beat = 0; beat < 6; beat += 1) {
    const pinged = once(client, 'ping');
    vi.advanceTimersByTime(HEARTBEAT_MS);
    await pinged;
  }
  expect(client.readyState).toBe(WebSocket.OPEN);
  expect(frames).toEqual(Array(6).fill('{"type":"heartbeat"}'));
  client.close();
  expect(await stopped).toMatchObject({ code: 'cancelled' });
});

test('a WebSocket closes after a minute without a sign of life', async () => {
  const client = connect(port, '127.0.0.1');
  client.write(
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  const [answer] = await once(client, 'data');
  expect(String(answer)).toContain('101 Switching Protocols');
  const closed = once(client.resume(), 'close');
  vi.advanceTimersByTime(5 * HEARTBEAT_MS);
  await closed;
  expect(await stopped).toMatchObject({ code: 'cancelled' });
});

test('an invalid WebSocket handshake is refused with a problem', async () => {
  const client = connect(port, '127.0.0.1');
  client.write(
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: short\r\n\r\n`,
  );
  const [answer] = await once(client, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 400 .*connection: close.*"code":"invalid_request"/is);
});

test('single bytes that a client does not read count with what each of them takes in memory', async () => {
  const counted = Promise.withResolvers<number>();
  handle = async (socket) => {
    let unsent = 0;
    while (socket.waitingBytes() < 1_048_576) {
      unsent += 1;
      socket.sendBytes(Buffer.of(120), () => {
        unsent -= 1;
      });
    }
    counted.resolve(unsent);
  };
  const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization } });
  await once(client, 'open');
  client.pause();
  expect(await counted.promise).toBeLessThan(3_000);
  client.terminate();
});
