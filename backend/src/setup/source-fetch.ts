// Asks a registry or mirror. It may lead on to its own host and to public ones alone: a redirect must not reach what only Buoy's machine reaches.
import { request } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../lib/app-error.ts';
import { type AddressLookup, createAddressLookup } from '../ssh/address-lookup.ts';
import { createAddressPolicy } from '../ssh/address-policy.ts';
import { dialTcp } from '../ssh/dial.ts';

const MAX_REDIRECTS = 5;
const HTTPS_PORT = 443;
/** Characters of a host that a source makes up, as shown to people. */
const MAX_SHOWN_HOST = 100;
/** Whose name lookups wait for each other. */
const LOOKUPS = 'redirects of download sources';
/** https://www.iana.org/assignments/iana-ipv4-special-registry, the one for IPv6, and multicast. */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '::/128', '::1/128'],
  ...['64:ff9b:1::/48', '100::/64', '2001:2::/48', '2001:db8::/32', '3fff::/20', '5f00::/16'],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

/**
 * As `fetch`, with less to choose. Rejects with AppError `registry_failed` for a redirect that Buoy does not follow, with the signal's reason,
 * and with any other error where the network fails.
 */
export type SourceFetch = (
  url: string,
  options: { headers?: Readonly<Record<string, string>>; signal: AbortSignal },
) => Promise<Response>;

/** @param parts.ca certificates that are trusted in place of those of Node */
export function createSourceFetch({
  lookup = createAddressLookup(),
  dial = dialTcp,
  ca,
}: {
  lookup?: AddressLookup;
  dial?: typeof dialTcp;
  ca?: string;
} = {}): SourceFetch {
  const addresses = createAddressPolicy(NOT_PUBLIC);

  /** By https, at an address that was found to be public. */
  async function askPublic(
    source: URL,
    url: URL,
    { headers, signal }: Parameters<SourceFetch>[1],
  ): Promise<Response> {
    const refusal = leadsElsewhere(source, url);
    const socket = await dial(url.hostname, HTTPS_PORT, {
      refusalOf: (address) => (addresses.isDenied(address) ? refusal : null),
      lookup: (name, lookupSignal) => lookup(name, { enteredBy: LOOKUPS, signal: lookupSignal }),
      signal,
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      // What else is said of a host where no server was expected is about SSH.
      throw cause === refusal
        ? refusal
        : new Error(`${source.host} leads to a host out of reach.`, { cause });
    });
    if (signal.aborted) {
      socket.destroy();
      throw signal.reason;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const asked = request({
      ...{ hostname: url.hostname, path: `${url.pathname}${url.search}`, signal },
      ...{ port: HTTPS_PORT, defaultPort: HTTPS_PORT },
      headers: { ...headers, 'accept-encoding': 'identity' },
      createConnection: () =>
        connectTls({ socket, servername: url.hostname, ...(ca === undefined ? {} : { ca }) }),
    });
    asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    asked.on('response', (answer) => {
      const { statusCode: status = 0 } = answer;
      // No Response can have such a status, and none is of use.
      if (status < 200 || status > 599 || [204, 205, 304].includes(status)) {
        answer.destroy();
        return void reject(new Error(`${url.host} answers with HTTP ${status}.`));
      }
      const known = ['content-length', 'location'].flatMap((name): Array<[string, string]> => {
        const value = answer.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      });
      try {
        resolve(new Response(Readable.toWeb(answer) as ReadableStream, { status, headers: known }));
      } catch (error) {
        answer.destroy();
        reject(error);
      }
    });
    asked.end();
    return promise;
  }

  return async (address, options) => {
    const source = new URL(address);
    let url = source;
    for (let followed = 0; followed <= MAX_REDIRECTS; followed += 1) {
      const response =
        url.host === source.host
          ? await fetch(url, { ...options, redirect: 'manual' })
          : await askPublic(source, url, options);
      const next = redirectOf(response, url);
      if (next === null) return response;
      await response.body?.cancel();
      if (!mayLeadTo(source, next)) throw leadsElsewhere(source, next);
      url = next;
    }
    throw refused(`${source.host} leads from one address to the next without an end.`);
  };
}

/** Where an answer leads; null for one that leads nowhere. */
function redirectOf({ status, headers }: Response, url: URL): URL | null {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  return URL.canParse(location, url.href) ? new URL(location, url.href) : null;
}

/** Never from https to http. Another host has a name and the usual port: others are not asked at all, so that nobody learns what answers there. */
function mayLeadTo(source: URL, next: URL): boolean {
  if (next.host === source.host) return next.protocol === source.protocol || next.protocol === 'https:';
  const isName = isIP(next.hostname.replace(/^\[|\]$/g, '')) === 0;
  return next.protocol === 'https:' && next.port === '' && isName;
}

function leadsElsewhere(source: URL, next: URL): AppError {
  const host = next.host.slice(0, MAX_SHOWN_HOST);
  return refused(`${source.host} leads to ${host}, and Buoy does not download from there.`);
}

function refused(message: string): AppError {
  return new AppError('registry_failed', message, {
    hint: 'Set NPM_REGISTRY or NODE_MIRROR of Buoy to a mirror that has the files itself, or leads to a public host by https; or let the server download (via: server).',
  });
}
