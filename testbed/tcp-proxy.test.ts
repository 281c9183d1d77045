// The TCP proxy, as seen by a client behind a bad network.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOnLoopback } from './listen-on-loopback.ts';
import { startTcpProxy, type TcpProxy, type TcpProxyOptions } from './tcp-proxy.ts';
import { until } from './until.ts';

let echo: Server;
let target: { host: string; port: number };
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  target = await listenOnLoopback(echo);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  echo.close();
});

async function open(options: Partial<TcpProxyOptions> = {}): Promise<Socket> {
  proxy = await startTcpProxy({ target, ...options });
  return dial();
}
async function dial(): Promise<Socket> {
  const client = connect({ host: proxy.host, port: proxy.port });
  clients.push(client);
  await once(client, 'connect');
  return client;
}
async function roundTripMs(client: Socket, text = 'ping'): Promise<number> {
  const startedAt = performance.now();
  client.write(text);
  let received = '';
  while (received.length < text.length) received += String((await once(client, 'data'))[0]);
  expect(received).toBe(text);
  return performance.now() - startedAt;
}
function whyItEnds(client: Socket): Promise<string> {
  return new Promise((resolve) => {
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    client.once('end', () => resolve('end'));
  });
}

test('TCP proxy passes bytes unchanged both ways, and closes both ends', async () => {
  const client = await open();
  const sent = Buffer.alloc(3_000_000, 'abcdefg');
  const received: Buffer[] = [];
  client.on('data', (chunk) => received.push(chunk));
  client.end(sent);
  await once(client, 'end');
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  await until(5_000, async () => proxy.connections() === 0);
});

test('TCP proxy delays each direction, adjustable while connected', async () => {
  const client = await open({ delayMs: 60 });
  expect(await roundTripMs(client)).toBeGreaterThan(115);
  proxy.setLine({ delayMs: 0 });
  expect(await roundTripMs(client)).toBeLessThan(60);
});

test('TCP proxy jitter keeps the byte order', async () => {
  const client = await open({ jitterMs: 20 });
  let received = '';
  client.on('data', (chunk) => {
    received += chunk;
  });
  const numbers = Array.from({ length: 30 }, (_, index) => `${index};`);
  for (const number of numbers) {
    client.write(number);
    await new Promise(setImmediate);
  }
  await until(5_000, async () => received === numbers.join(''));
});

test('TCP proxy delivers a lost piece late, as after a retransmission', async () => {
  const lostOnce = [0, 0, 0.99];
  const client = await open({ lossPercent: 50, random: () => lostOnce.shift() ?? 0.99 });
  const first = await roundTripMs(client);
  expect(first).toBeGreaterThan(195);
  expect(await roundTripMs(client)).toBeLessThan(100);
});

test('TCP proxy cut resets open and new connections until restored', async () => {
  const client = await open();
  await roundTripMs(client);
  const ending = whyItEnds(client);
  proxy.cut();
  expect(await ending).toBe('ECONNRESET');
  const late = connect({ host: proxy.host, port: proxy.port });
  expect(await whyItEnds(late)).toBe('ECONNRESET');
  proxy.restore();
  expect(await roundTripMs(await dial())).toBeLessThan(1000);
});

test('TCP proxy stall delays all bytes without closing until restored', async () => {
  const client = await open();
  await roundTripMs(client);
  proxy.stall();
  let received = '';
  client.on('data', (chunk) => {
    received += chunk;
  });
  client.write('kept');
  const late = await dial();
  late.write('kept too');
  await until(5_000, async () => proxy.connections() === 2);
  await expect(until(200, async () => received !== '')).rejects.toThrow('Not true within');
  expect(client.destroyed).toBe(false);
  proxy.restore();
  await until(5_000, async () => received === 'kept');
  expect(String((await once(late, 'data'))[0])).toBe('kept too');
});

test('TCP proxy resets the client when the target is down', async () => {
  echo.close();
  await once(echo, 'close');
  proxy = await startTcpProxy({ target });
  const client = connect({ host: proxy.host, port: proxy.port });
  expect(await whyItEnds(client)).toBe('ECONNRESET');
});
