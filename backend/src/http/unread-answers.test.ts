import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endUnreadAnswers } from './unread-answers.ts';
import { registerWebSockets } from './web-socket.ts';

const UNREAD_MS = 200;
/** More than the kernel takes from a process for a reader who reads nothing. */
const LONG = 'x'.repeat(64 * 1024 * 1024);

let app: FastifyInstance;
let port: number;
/** The answer to `/late`, which the test gives. */
let late: PromiseWithResolvers<string>;

beforeEach(async () => {
  late = Promise.withResolvers();
  app = fastify();
  registerWebSockets(app);
  endUnreadAnswers(app, UNREAD_MS);
  app.get('/short', () => 'short');
  app.get('/long', () => LONG);
  app.get('/late', () => late.promise);
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(() => app.close());

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`;

async function ask(...requests: string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(requests.join(''));
  return socket;
}
/** Answers whether the server has ended the next connection, when it is closed. */
const cut = async (): Promise<boolean> => {
  const [socket] = (await once(app.server, 'connection')) as [Socket];
  await once(socket, 'close');
  return socket.destroyed && !socket.readableEnded;
};

test.each([
  ['alone', [get('/long')]],
  ['behind another one', [get('/short'), get('/long')]],
  ['to a request for a WebSocket', [get('/long', 'connection: upgrade\r\nupgrade: websocket\r\n')]],
])('closes the connection of a client that does not read a long answer %s', async (_what, requests) => {
  const end = cut();
  const socket = await ask(...requests);
  expect(await end).toBe(true);
  socket.destroy();
});

test('keeps connections of slow calls and of clients that send another request later', async () => {
  const socket = await ask(get('/late'));
  let seen = '';
  socket.on('data', (piece) => {
    seen += String(piece);
  });
  const answered = async (text: string) => {
    while (!seen.includes(text)) await once(socket, 'data');
  };
  setTimeout(() => late.resolve('late'), 2 * UNREAD_MS);
  await answered('\r\n\r\nlate');
  setTimeout(() => socket.write(get('/short')), 2 * UNREAD_MS);
  await answered('\r\n\r\nshort');
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});
