// How many connections a listener holds: each takes a file descriptor, of which a process has only so many.
import type { Server, Socket } from 'node:net';
import { addressGroupOf } from '../lib/address-group.ts';

/** Of one listener, from everywhere. */
const MAX_CONNECTIONS = 4_000;
/** From one address, or one IPv6 /64: a browser opens six, and one more for each stream. */
const MAX_PER_ADDRESS = 500;

/**
 * Cuts connections beyond the limits as they come. They are counted in this process, which is the one that they take descriptors from.
 * @param options.trustProxy the number of proxies in front; behind one, all connections come from its address and only the total counts
 */
export function limitConnections(
  server: Server,
  { trustProxy, perAddress = MAX_PER_ADDRESS }: { trustProxy: number; perAddress?: number },
): void {
  server.maxConnections = MAX_CONNECTIONS;
  if (trustProxy > 0) return;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const from = addressGroupOf(socket.remoteAddress ?? '');
    const held = open.get(from) ?? 0;
    if (held >= perAddress) {
      socket.destroy();
      return;
    }
    open.set(from, held + 1);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
  });
}
