// buoy-server healthy, which root runs during an install: what it makes of a program that holds Buoy's port.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';

const script = path.resolve(import.meta.dirname, '../../packaging/healthy.mjs');
/** Far more than the check may take. */
const DEADLINE_MS = 15_000;
/** What the kernel's buffers of both sides may take without anybody reading. */
const BUFFERS_BYTES = 32 * 1024 * 1024;

/** Runs the check against a server that does this with each connection; `bytes` is what it could send. */
async function check(
  serve: (socket: Socket, server: Server) => void,
  account?: string,
): Promise<{ code: number; bytes: number }> {
  let bytes = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => serve(socket, server));
    socket.once('close', () => {
      bytes += socket.bytesWritten;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(account === undefined ? {} : { BUOY_ACCOUNT: account }),
  };
  const ended = new Promise((resolve) => server.once('close', resolve));
  const ran = await runCommand(process.execPath, [script], { timeoutMs: DEADLINE_MS, env }).finally(() => {
    if (server.listening) server.close();
  });
  await ended;
  return { code: ran.code, bytes };
}

/** Sends as fast as the other side reads, until it hangs up. */
function sendWithoutEnd(socket: Socket, text: string): void {
  const send = (): void => {
    while (socket.writable && socket.write(text));
  };
  socket.on('drain', send);
  send();
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

test.each([
  ['200', `${ok}content-length: 2\r\n\r\n{}`, 0],
  ['503', 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n', 1],
  ['no HTTP', 'SSH-2.0-x\r\n', 1],
])('an answer of %s is judged by its status', async (_what, answer, code) => {
  expect((await check((socket) => void socket.end(answer))).code).toBe(code);
});

test('an answer without end is not read', async () => {
  const { code, bytes } = await check((socket) => {
    socket.write(`${ok}\r\n`);
    sendWithoutEnd(socket, 'x'.repeat(64 * 1024));
  });
  expect(code).toBe(0);
  expect(bytes).toBeLessThan(BUFFERS_BYTES);
});

test.each([
  ['headers that come letter by letter', ok, 'x'],
  ['one early hint after the other', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
])('%s do not keep it waiting', async (_what, start, drop) => {
  const { code } = await check((socket) => {
    socket.write(start);
    const drip = setInterval(() => socket.write(drop), 100);
    socket.once('close', () => clearInterval(drip));
  });
  expect(code).toBe(1);
});

test('a program that says nothing, and none at all, are not healthy', async () => {
  expect((await check(() => undefined)).code).toBe(1);
  const env = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '1' };
  expect((await runCommand(process.execPath, [script], { timeoutMs: DEADLINE_MS, env })).code).toBe(1);
});

const own = process.getuid?.() ?? -1;
const answers = (socket: Socket): void => void socket.end(`${ok}content-length: 2\r\n\r\n{}`);

test('an answer is healthy when it comes from the account of Buoy', async () => {
  expect((await check(answers, `${own}:${own}`)).code).toBe(0);
});

test('an answer of another account, which has the port while Buoy is down, is not healthy', async () => {
  expect((await check(answers, `${own + 1}:${own}`)).code).toBe(1);
});

test('nor is one of another account that has left the port to Buoy since', async () => {
  const { code } = await check(
    (socket, server) => {
      server.close();
      answers(socket);
    },
    `${own + 1}:${own}`,
  );
  expect(code).toBe(1);
});
