// Byte streams to services on a real server.
import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createSsh } from './create-ssh.ts';
import type { Ssh } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { freePort, type LoopbackSshd, noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };

describe.skipIf(noSshd !== null)(`forwarded streams${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  let sshd: LoopbackSshd;
  let ssh: Ssh;
  let id: string;
  let echo: Server;
  let echoPort: number;
  const echoed = new Set<Socket>();

  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    id = sshd.target().serverId;
    const targets = createMemoryTargets(sshd.target());
    ssh = createSsh({
      targets,
      clock: systemClock,
      logger: createKeptLogger().logger,
      limits: { forwards: 4, waiting: 1 },
    });
    echo = createServer((socket) => {
      echoed.add(socket);
      socket.on('error', () => {}).on('close', () => echoed.delete(socket));
      socket.pipe(socket);
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    echoPort = (echo.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await ssh?.close();
    await sshd?.stop();
    echo?.close();
  });

  const open = (): Promise<Duplex> => ssh.forward(id, '127.0.0.1', echoPort, soon);

  test('bytes go both ways, and an end is passed on', async () => {
    const stream = await open();
    const payload = 'x'.repeat(3_000_000);
    stream.end(payload);
    expect(await text(stream)).toBe(payload);
    await until(() => echoed.size === 0, 'the service saw the end');
  });

  test('a destroyed stream is closed at once here, and soon on the server', async () => {
    const stream = await open();
    stream.write('hello');
    await once(stream, 'data');
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
    await until(() => echoed.size === 0, 'the service saw the close');
  });

  test('a stream destroyed with unread data frees its place soon', async () => {
    for (let round = 0; round < 6; round += 1) {
      const stream = await ssh.forward(id, '127.0.0.1', echoPort, { deadlineMs: 1000 });
      stream.write(Buffer.alloc(1_000_000));
      await until(() => stream.readableLength >= 64 * 1024, 'as much waits as is read ahead');
      stream.destroy();
    }
  });

  test('when the service closes, the stream ends and closes', async () => {
    const stream = await open();
    stream.write('hello');
    await once(stream, 'data');
    const closed = once(stream.resume(), 'close');
    for (const socket of echoed) socket.end();
    await closed;
    expect(stream.readableEnded).toBe(true);
  });

  test('a port where nothing listens is gateway_unavailable', async () => {
    const port = await freePort();
    await expect(ssh.forward(id, '127.0.0.1', port, soon)).rejects.toMatchObject({
      code: 'gateway_unavailable',
      message: `Nothing listens on 127.0.0.1:${port} on the server.`,
    });
  });

  test('places are limited, separate from those of commands, and are freed', async () => {
    const streams = await Promise.all(Array.from({ length: 4 }, open));
    const waiting = open();
    await expect(open()).rejects.toMatchObject({ code: 'queue_full' });
    expect((await ssh.exec(id, 'echo ok', soon)).stdout).toBe('ok\n');
    streams[0]?.destroy();
    streams.push(await waiting);
    for (const stream of streams) stream.destroy();
  });

  test('HTTP and WebSocket run over it', async () => {
    const http = createHttpServer((_request, response) => response.end('from the server'));
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`re: ${String(data)}`)));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;

    const first = await ssh.forward(id, '127.0.0.1', port, soon);
    const [response] = await once(request({ createConnection: () => first, path: '/' }).end(), 'response');
    expect(await text(response)).toBe('from the server');

    const second = await ssh.forward(id, '127.0.0.1', port, soon);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { createConnection: () => second });
    await once(socket, 'open');
    socket.send('hi');
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('re: hi');
    const gone = once(socket, 'close');
    ssh.reset(id);
    await gone;
    http.close();
  });

  test('a lost connection ends the stream with an error that needs no listener', async () => {
    const quiet = await open();
    const listened = await open();
    const error = once(listened, 'error');
    ssh.reset(id);
    expect((await error)[0]).toMatchObject({ code: 'unreachable' });
    await until(() => quiet.destroyed, 'the other stream is gone');
  });

  test('a server that forbids forwarding says so', async () => {
    const strict = await startLoopbackSshd({ config: ['AllowTcpForwarding no'] });
    const targets = createMemoryTargets(strict.target());
    const one = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
    try {
      await expect(one.forward(strict.target().serverId, '127.0.0.1', echoPort, soon)).rejects.toMatchObject({
        code: 'refused',
        hint: expect.stringContaining('AllowTcpForwarding'),
      });
    } finally {
      await one.close();
      await strict.stop();
    }
  });
});
