// Requests to addresses that people enter: never into a network that is denied to them, bounded in time and size.
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import { type AddressPolicy, createAddressPolicy } from '../ssh/address-policy.ts';

/** Answers with a status of 1xx before the real one. */
const MAX_INFORMATIONAL = 10;
const DAY_MS = 86_400_000;

export type PublicAnswer = {
  status: number;
  /** What `Retry-After` asks for, in milliseconds; null: nothing. */
  retryAfterMs: number | null;
};

/**
 * One request; redirects are not followed, because they could lead elsewhere.
 * @param options.enteredBy who entered the URL: lookups of names are shared out among people
 * @throws Error with a sentence for that person, also for a denied address
 */
export type PublicRequest = (
  url: string,
  options: {
    method: 'GET' | 'POST';
    headers: Readonly<Record<string, string>>;
    body?: string | Buffer;
    enteredBy: string;
    signal: AbortSignal;
  },
) => Promise<PublicAnswer>;

/** What only Buoy's own networks reach: RFC 1918, RFC 6598, RFC 4193, and what is denied to people by default. */
const PRIVATE_NETWORKS = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/128', '::1/128', 'fe80::/10'],
];

export function createPublicRequest(parts: {
  policy: Pick<AddressPolicy, 'isDenied'>;
  /** Whether that person may add servers: nobody else learns what is in Buoy's networks, or sends anything there. */
  mayReachPrivate: (userId: string) => Promise<boolean>;
  lookup: AddressLookup;
}): PublicRequest {
  const { policy, mayReachPrivate, lookup } = parts;
  const privateNetworks = createAddressPolicy(PRIVATE_NETWORKS);

  return async (url, { method, headers, body, enteredBy, signal }) => {
    const { protocol, hostname, host } = new URL(url);
    const isTrusted = await mayReachPrivate(enteredBy);
    const resolved = await lookup(hostname.replace(/^\[|\]$/g, ''), { enteredBy, signal }).catch(() => {
      signal.throwIfAborted();
      return [];
    });
    if (resolved.length === 0 && isTrusted) throw new Error(`The name ${hostname} is not known.`);
    const allowed = resolved.filter(
      ({ address }) => !policy.isDenied(address) && (isTrusted || !privateNetworks.isDenied(address)),
    );
    const [first] = allowed;
    // The same where there is no such name: else the answer would tell which names there are inside.
    if (first === undefined) throw new Error(`This Buoy sends nothing to ${host}.`);
    // Connects to what was checked, whatever the name resolves to a moment later.
    const pinned: LookupFunction = (_name, options, done) =>
      options.all ? done(null, allowed) : done(null, first.address, first.family);
    const send = protocol === 'https:' ? https.request : http.request;
    return new Promise((resolve, reject) => {
      const request = send(url, { method, headers, signal, agent: false, lookup: pinned }, (response) => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfterMs: retryAfterOf(response.headers['retry-after']),
        });
        // Nobody reads what follows, however long it is.
        response.destroy();
      });
      const refuse = (error: Error) => reject(signal.aborted ? signal.reason : told(host, error));
      request.on('error', refuse);
      // Node says of a connection that becomes another protocol, or ends without an answer, no more than this.
      request.on('upgrade', (_response, socket) => {
        socket.destroy();
        refuse(new Error('It wants another protocol.'));
      });
      request.on('close', () => refuse(new Error('It hung up.')));
      let informational = 0;
      request.on('information', () => {
        informational += 1;
        if (informational > MAX_INFORMATIONAL) request.destroy(new Error('It sends no answer.'));
      });
      request.end(body);
    });
  };
}

function told(host: string, error: Error): Error {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return new Error(`${host} did not answer${code}.`, { cause: error });
}

/** Seconds or a date: RFC 9110 §10.2.3. */
function retryAfterOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d{1,6}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(DAY_MS, seconds * 1000) : null;
}
