// Names of this machine, where nothing that is sent leaves it.
import { isIPv4 } from 'node:net';

/** @param host a name or address, without a port; an IPv6 address with or without brackets */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return (isIPv4(name) && name.startsWith('127.')) || name === '::1' || /^(.+\.)?localhost$/.test(name);
}
