// Opens a server on a free port of 127.0.0.1, where every server of the test bed that is not inside a host listens.
import type { AddressInfo, Server } from 'node:net';

/** Resolves when `server` listens; rejects when it cannot. */
export function listenOnLoopback(server: Server): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      const { address, port } = server.address() as AddressInfo;
      resolve({ host: address, port });
    });
  });
}
