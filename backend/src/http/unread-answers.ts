// Ends connections whose client does not read its answer: each holds a file descriptor and the unread bytes.
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds in which a client must take something of its answer; one that lives, on whatever network, does. */
const UNREAD_MS = 60_000;

/** To be called before the routes are registered. Event streams and WebSockets have ends of their own. */
export function endUnreadAnswers(app: FastifyInstance, unreadMs = UNREAD_MS): void {
  app.addHook('onSend', async ({ raw: { socket } }, { raw }) => {
    if (!(socket instanceof Socket)) return;
    const begin = (): void => {
      const cut = (): void => void socket.destroy();
      // Not before, since a call may take longer than that. Node would cut it as well, but not a connection that has asked for an upgrade.
      socket.once('timeout', cut).setTimeout(unreadMs);
      // Ahead of Node's own listener, which sets the time for the next request.
      raw.prependOnceListener('finish', () => socket.off('timeout', cut).setTimeout(0));
    };
    // A request that came before the one ahead of it was answered has the connection only later.
    if (raw.socket === null) raw.once('socket', begin);
    else begin();
  });
}
