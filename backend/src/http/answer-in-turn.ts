// One connection is answered one request at a time, as HTTP/1.1 has it: some thousand requests fit into one packet of a client that waits for
// no answer, and started all at once they would block everybody, each with its own file, buffers and lookups.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests behind the one that is worked on; browsers and proxies send none. */
const MAX_WAITING = 16;

/** To be called when `server` has the listener that answers. A connection with too many requests that wait is cut. */
export function answerInTurn(server: Server, maxWaiting = MAX_WAITING): void {
  const answers = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  /** Of the connections with a request that is worked on. */
  const waiting = new WeakMap<Socket, Array<() => void>>();
  const cut = new WeakSet<Socket>();

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    // What else was in the same packet as the request that was too much.
    if (cut.has(socket)) return;
    const next = (): void => {
      if (socket.destroyed) return;
      const begin = waiting.get(socket)?.shift();
      if (begin === undefined) waiting.delete(socket);
      else begin();
    };
    const begin = (): void => {
      response.once('close', next);
      for (const answer of answers) answer.call(server, request, response);
    };
    const behind = waiting.get(socket);
    if (behind === undefined) {
      waiting.set(socket, []);
      begin();
    } else if (behind.length < maxWaiting) behind.push(begin);
    else {
      cut.add(socket);
      // Not while Node reads the packet: it would tell nobody and keep the descriptor.
      process.nextTick(() => socket.destroy());
    }
  });
}
