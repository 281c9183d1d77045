// TCP proxy for tests: freezes, cuts and counts connections, and splits the byte stream.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Gate = {
  port: number;
  /** Connections accepted so far. */
  accepted(): number;
  /** From now on nothing passes, in either direction; connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Resets all open connections. */
  cut(): void;
  /** Refuses new connections (the port is closed), and cuts the open ones. */
  shut(): Promise<void>;
  /** Opens the same port again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
};

/** @param pieceBytes when set, what the server says is passed on in pieces of this size */
export async function openGate(toPort: number, { pieceBytes = 0 } = {}): Promise<Gate> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let frozen = false;
  let server: Server;
  let port = 0;

  function accept(client: Socket): void {
    accepted += 1;
    const upstream = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (!frozen) to.end();
      });
      from.on('data', (chunk: Buffer) => {
        if (pieceBytes === 0 || from === client) to.write(chunk);
        else void inPieces(chunk, to);
      });
      if (frozen) from.pause();
    }
  }

  // Pieces of all chunks go out in order: each waits for the one before.
  let turn = Promise.resolve();
  function inPieces(chunk: Buffer, to: Socket): Promise<void> {
    turn = turn.then(async () => {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        to.write(chunk.subarray(at, at + pieceBytes));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    return turn;
  }

  async function listen(): Promise<void> {
    server = createServer(accept);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const shut = async () => {
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };

  await listen();
  return {
    get port() {
      return port;
    },
    accepted: () => accepted,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    shut,
    reopen: listen,
    close: async () => {
      if (server.listening) await shut();
    },
  };
}
