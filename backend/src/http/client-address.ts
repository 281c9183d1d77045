// Whose request it is, for limits by address, on the listener that Fastify does not serve.
import type { IncomingMessage } from 'node:http';
import { addressGroupOf } from '../lib/address-group.ts';

/** Characters of what a proxy calls an address. */
const MAX_LENGTH = 64;

/**
 * The client's address, or its IPv6 /64.
 * @param trustProxy the number of proxies in front, each of which adds its caller to X-Forwarded-For
 */
export function clientAddressOf(request: IncomingMessage, trustProxy: number): string {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
  const hops = [request.socket.remoteAddress ?? '', ...forwarded.map((one) => one.trim()).reverse()];
  return addressGroupOf((hops[Math.min(trustProxy, hops.length - 1)] ?? '').slice(0, MAX_LENGTH));
}
