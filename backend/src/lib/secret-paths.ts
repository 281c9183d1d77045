// Paths that hold a secret, as logs and messages may show them.

/** The link of a status page, in the app and in the API. */
const STATUS_PAGE = /(\/status\/+)[^/?#].*/is;

/** `url` without the token of a status page, however its path is written: the router reads percent-encoded letters as well. */
export function maskSecretPath(url: string): string {
  if (STATUS_PAGE.test(url)) return url.replace(STATUS_PAGE, '$1[redacted]');
  const decoded = url.includes('%') ? decodedPath(url) : url;
  return STATUS_PAGE.test(decoded) ? decoded.replace(STATUS_PAGE, '$1[redacted]') : url;
}

function decodedPath(url: string): string {
  return url.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)));
}
