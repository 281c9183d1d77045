// The addresses that Buoy prints for people.
import type { AddressInfo } from 'node:net';

/** @param address what the listening socket says */
export function listenUrl(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/** A sign-in link. The code is in the fragment: browsers do not send it to any server, nor into a Referer. */
export function linkUrl(baseUrl: string, code: string): string {
  return `${baseUrl}/sign-in#code=${code}`;
}
