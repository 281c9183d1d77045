// Thousands of pipelined requests in one packet must not block the event loop or use up files and memory.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { longestBlock, longestBlockOfThree } from '../support/main-thread.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** More than one read of a socket holds. */
const MANY = 3_000;
/** Milliseconds of computing in one go. */
const MAX_MS = 100;

let running: TestBuoy;
let ports: { app: number; controlUi: number };
const sockets = new Set<Socket>();

beforeAll(async () => {
  running = await startTestBuoy();
  const { app, controlUi } = running.buoy;
  const portOf = (url: string) => Number(new URL(url).port);
  ports = {
    app: portOf(await app.listen({ host: '127.0.0.1', port: 0 })),
    controlUi: portOf(await controlUi.listen({ host: '127.0.0.1', port: 0, besides: 0 })),
  };
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(() => running.close());

const openFiles = (): number => readdirSync('/proc/self/fd').length;
const requests = (path: string, count: number) => `GET ${path} HTTP/1.1\r\nhost:a\r\n\r\n`.repeat(count);

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

async function open(listener: keyof typeof ports = 'app'): Promise<Socket> {
  const socket = connect(ports[listener], '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.add(socket);
  await once(socket, 'connect');
  return socket;
}

describe('thousands of pipelined requests', () => {
  test.each([
    ['app', '/api/health'],
    ['app', '/api/me'],
    ['app', '/'],
    ['app', '/api/docs'],
    ['controlUi', '/nowhere'],
  ] as const)('do not block the event loop on the %s listener for %s', async (listener, path) => {
    // Warms up: work that happens only on the first call is not measured.
    const first = await open(listener);
    first.write(requests(path, 1));
    await once(first, 'data');
    const { blockedMs } = await longestBlockOfThree(async () => {
      const socket = await open(listener);
      socket.resume();
      socket.write(requests(path, MANY));
      await closed(socket);
      expect((await running.call('GET', '/health')).statusCode).toBe(200);
    }, MAX_MS);
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('do not open a file each', async () => {
    const before = openFiles();
    const socket = await open();
    socket.write(requests('/api/docs/swagger-ui-bundle.js', MANY));
    await closed(socket);
    expect(openFiles() - before).toBeLessThan(20);
  });
});

test('ten pipelined requests are answered in order', async () => {
  const socket = await open();
  let answers = '';
  socket.on('data', (piece) => {
    answers += String(piece);
  });
  const statuses = () => [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  socket.write(
    `${requests('/api/me', 1)}POST /api/auth/device/token HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}${requests('/api/health', 8)}`,
  );
  await until(5_000, async () => (statuses().length >= 10 ? true : null));
  expect(statuses()).toEqual(['401', '400', ...Array(8).fill('200')]);
});

test.each([
  ['app', '/api/me', '/api/servers/srv_1/terminal'],
  ['app', '/', '/'],
  ['controlUi', '/nowhere', '/s/srv_1/'],
] as const)(
  'a WebSocket upgrade on the %s listener behind the unanswered request for %s ends that connection alone',
  async (listener, first, second) => {
    const socket = await open(listener);
    socket.resume();
    socket.write(
      `${requests(first, 1)}GET ${second} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await closed(socket);
    expect((await running.call('GET', '/health')).statusCode).toBe(200);
  },
);

describe('API document for a stranger', () => {
  let fresh: TestBuoy;
  let url: string;
  beforeAll(async () => {
    fresh = await startTestBuoy();
    url = await fresh.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => fresh.close());

  test.each(['/api/openapi.json', '/api/docs', '/api/docs/swagger-ui-bundle.js'])(
    'does not block the event loop for %s, not even on the first request',
    async (path) => {
      const { blockedMs, answer } = await longestBlock(() => fetch(`${url}${path}`));
      expect(answer.status).toBe(200);
      // An answer that nobody reads would keep this Buoy from closing.
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
      expect(blockedMs).toBeLessThan(50);
    },
  );
});
