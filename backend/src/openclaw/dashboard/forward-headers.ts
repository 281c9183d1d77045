// The headers that pass between a browser and a gateway: an allowlist, so that no cookie, origin or forwarded address passes.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

const fromBrowser = [
  'accept',
  'accept-language',
  'content-length',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'range',
];
const fromGateway = [
  'accept-ranges',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'permissions-policy',
  'retry-after',
  'vary',
  'x-content-type-options',
];
/** The Control UI's own headers, such as its session. */
const OWN_PREFIX = 'x-openclaw-';
/** Files whose content is the same for everybody: they may come compressed. */
const STATIC = /^\/(?:assets|fonts|themes|app-art|community-art|(?:cloud-provider|file|provider)-icons)\//;

/**
 * With an Origin or X-Forwarded-* header the gateway treats a request as remote and allows nothing.
 * @param secret the gateway's own
 */
export function headersToGateway(
  headers: IncomingHttpHeaders,
  { path, port, secret }: { path: string; port: number; secret: string | null },
): OutgoingHttpHeaders {
  const isStatic = STATIC.test(path);
  return {
    ...picked(headers, fromBrowser),
    host: `127.0.0.1:${port}`,
    connection: 'close',
    // Buoy must be able to read the content that it searches.
    'accept-encoding': isStatic ? (headers['accept-encoding'] ?? 'identity') : 'identity',
    ...(secret === null || isStatic ? {} : { authorization: `Bearer ${secret}` }),
  };
}

export function headersToBrowser(headers: IncomingHttpHeaders, policy: string): OutgoingHttpHeaders {
  return {
    ...picked(headers, fromGateway),
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    // A page that opens this one in a window gets no reference to it, even for another server on the same origin.
    'cross-origin-opener-policy': 'noopener-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

function picked(headers: IncomingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && (names.includes(name) || name.startsWith(OWN_PREFIX)),
    ),
  );
}
