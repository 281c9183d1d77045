// Connection limits of a listener, in total and per address.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { limitConnections } from './connection-limits.ts';

/** Opens connections from these addresses and returns for each whether it was kept. */
function keptFrom(addresses: readonly (string | undefined)[], trustProxy = 0): boolean[] {
  const server = new Server();
  limitConnections(server, { trustProxy, perAddress: 3 });
  return addresses.map((remoteAddress) => {
    const socket = new Socket();
    Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
    server.emit('connection', socket);
    return !socket.destroyed;
  });
}

describe("a listener's connection limit", () => {
  test.each(['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', 'fe80::1%eth0'])(
    'keeps the allowed connections from %s and closes the next one',
    (address) => {
      expect(keptFrom(Array(5).fill(address))).toEqual([true, true, true, false, false]);
    },
  );

  test('counts each IPv6 /64 as one address', () => {
    expect(keptFrom(['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4', '2001:db8:0:1::1'])).toEqual(
      [true, true, true, false, true],
    );
  });

  test.each(['127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1'])(
    'does not apply per address to %s, which may be a reverse proxy',
    (address) => {
      expect(keptFrom(Array(10).fill(address))).toEqual(Array(10).fill(true));
    },
  );

  test('does not apply behind a trusted proxy', () => {
    expect(keptFrom(Array(5).fill('192.0.2.1'), 1)).toEqual(Array(5).fill(true));
  });

  test.each([0, 1])(
    'cuts a connection whose address is not known any more, with %i proxies',
    (trustProxy) => {
      expect(keptFrom([undefined, '192.0.2.1'], trustProxy)).toEqual([false, true]);
    },
  );

  test('cuts such an encrypted connection before its requests are read', () => {
    const server = new Server();
    const wasCut: boolean[] = [];
    server.on('secureConnection', (socket: Socket) => wasCut.push(socket.destroyed));
    limitConnections(server, { trustProxy: 0 });
    server.emit('secureConnection', new Socket());
    expect(wasCut).toEqual([true]);
  });

  test('frees the place of a closed connection', async () => {
    const server = new Server();
    limitConnections(server, { trustProxy: 0, perAddress: 1 });
    const come = (): Socket => {
      const socket = new Socket();
      Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
      server.emit('connection', socket);
      return socket;
    };
    const first = come();
    expect(come().destroyed).toBe(true);
    first.destroy();
    await once(first, 'close');
    expect(come().destroyed).toBe(false);
  });

  test('applies to the total, loopback included', async () => {
    const server = createServer();
    limitConnections(server, { trustProxy: 0, total: 5, perAddress: 1 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dropped = Promise.withResolvers<void>();
    let drops = 0;
    server.on('drop', () => {
      drops += 1;
      if (drops === 3) dropped.resolve();
    });
    const clients = Array.from({ length: 8 }, () =>
      connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined),
    );
    await dropped.promise;
    const held = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    for (const client of clients) client.destroy();
    server.close();
    expect([held, drops]).toEqual([5, 3]);
  });
});
