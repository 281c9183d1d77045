// Addresses at which whoever is on the way can read along.

/** Is this http, and not to this machine itself? @param origin scheme, host and port */
export function isPlainHttp(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !/^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(hostname);
}
