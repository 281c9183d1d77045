// Misbehaving peers for SSH clients: each opens a free loopback port and fails in one way.
import { createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './listen-on-loopback.ts';

export type MisbehavingServer = {
  host: string;
  port: number;
  /** Connections that are open now: a client that gave up has closed its own. */
  connections: () => number;
  stop: () => Promise<void>;
};

/** Lines of a banner that never ends come this often: fast enough to fill memory, slow enough for a test machine. */
const bannerIntervalMs = 1;

/** Speaks HTTP where SSH is expected: waits for a request, or for a line of any kind, and answers 400. */
export function startHttpServer(): Promise<MisbehavingServer> {
  const body = '<html><body>400 Bad Request</body></html>';
  return start((socket) => {
    socket.once('data', () => {
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
  });
}

/** Sends lines before the SSH version line, which RFC 4253 §4.2 allows, for ever. */
export function startEndlessBanner(): Promise<MisbehavingServer> {
  const lines = `${'You are number 1 in the queue, please hold the line. '.repeat(4)}\r\n`.repeat(64);
  return start((socket) => {
    const timer = setInterval(() => {
      if (!socket.writableNeedDrain) socket.write(lines);
    }, bannerIntervalMs);
    socket.on('close', () => clearInterval(timer));
  });
}

/** Accepts the connection and says nothing. */
export function startSilentServer(): Promise<MisbehavingServer> {
  return start(() => {});
}

/** Resets each connection as soon as it is made. */
export function startResetServer(): Promise<MisbehavingServer> {
  return start((socket) => socket.resetAndDestroy());
}

async function start(onConnection: (socket: Socket) => void): Promise<MisbehavingServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    onConnection(socket);
  });
  const { host, port } = await listenOnLoopback(server);
  return {
    host,
    port,
    connections: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
