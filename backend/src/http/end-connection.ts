// Ends a connection after its last answer, such as a refused upgrade.
import type { Duplex } from 'node:stream';

/** Milliseconds for the client to read that answer and to close. */
const LINGER_MS = 2_000;

/**
 * Sends what is left to say, throws away what still comes, and cuts the connection soon. Without that a client that goes on to send would
 * keep the socket for good: it is half-open, and Node's own timeouts do not apply to it any more.
 */
export function endConnection(socket: Duplex, lastWords = ''): void {
  socket.resume();
  socket.end(lastWords);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
