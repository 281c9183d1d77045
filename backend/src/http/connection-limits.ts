// How many connections a listener holds: each takes a file descriptor, of which a process has only so many.
import { BlockList, isIPv6, type Server, type Socket } from 'node:net';
import { addressGroupOf } from '../lib/address-group.ts';

/** Of one listener, from everywhere. */
const MAX_CONNECTIONS = 4_000;
/** From one address, or one IPv6 /64: a browser opens six, and one more for each stream. */
const MAX_PER_ADDRESS = 500;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Cuts connections beyond the limits, and those without an address, as they come. They are counted in this process, which is the one that
 * they take descriptors from.
 * Loopback counts only in the total: a reverse proxy on the same machine stands for everybody.
 * @param options.trustProxy the number of proxies in front; behind one, all connections come from its address and only the total counts
 */
export function limitConnections(
  server: Server,
  {
    trustProxy,
    total = MAX_CONNECTIONS,
    perAddress = MAX_PER_ADDRESS,
  }: { trustProxy: number; total?: number; perAddress?: number },
): void {
  server.maxConnections = total;
  // Node keeps an address that was read while the connection stood. One that was reset before has none, yet what it sent would be worked on:
  // without a limit by address, and with an audit entry that does not say from where.
  const cutWithoutAddress = (socket: Socket): void => {
    if (socket.remoteAddress === undefined) socket.destroy();
  };
  server.on('connection', cutWithoutAddress);
  // Ahead of the one that reads requests: what came right behind the handshake is read at once.
  server.prependListener('secureConnection', cutWithoutAddress);
  if (trustProxy > 0) return;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined) return;
    if (loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return;
    const from = addressGroupOf(address);
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
