// Detects unencrypted addresses.

/** Whether the origin is plain http to another machine. @param origin scheme, host and port */
export function isPlainHttp(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !/^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(hostname);
}
