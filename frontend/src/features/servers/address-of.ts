// The address of a server as people write it.
import type { Server } from '@buoy/contract';

const SSH_PORT = 22;

/** "web.example.com", with ":2222" when the port is not ssh's own; an IPv6 address is then put in brackets. */
export function addressOf({ host, port }: Pick<Server, 'host' | 'port'>): string {
  if (port === SSH_PORT) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
