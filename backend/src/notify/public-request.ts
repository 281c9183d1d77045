// Requests to addresses that people enter: never into a network that is denied to them, bounded in time and size.
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import type { AddressPolicy } from '../ssh/address-policy.ts';

/** Bytes of an answer that are read: a reason of a refusal is short. */
const MAX_ANSWER_BYTES = 4_096;
const DAY_MS = 86_400_000;

export type PublicAnswer = {
  status: number;
  /** What `Retry-After` asks for, in milliseconds; null: nothing. */
  retryAfterMs: number | null;
  /** The beginning of the body. */
  text: string;
};

/**
 * One request; redirects are not followed, because they could lead elsewhere.
 * @param options.enteredBy who entered the URL: lookups of names are shared out among people
 * @throws Error with a sentence for that person, also for a denied address
 */
export type PublicRequest = (
  url: string,
  options: {
    method: 'POST';
    headers: Readonly<Record<string, string>>;
    body: string | Buffer;
    enteredBy: string;
    signal: AbortSignal;
  },
) => Promise<PublicAnswer>;

export function createPublicRequest(parts: {
  policy: Pick<AddressPolicy, 'isDenied'>;
  lookup: AddressLookup;
}): PublicRequest {
  const { policy, lookup } = parts;

  return async (url, { method, headers, body, enteredBy, signal }) => {
    const { protocol, hostname, host } = new URL(url);
    const resolved = await lookup(hostname.replace(/^\[|\]$/g, ''), { enteredBy, signal }).catch(() => {
      signal.throwIfAborted();
      throw new Error(`The name ${hostname} is not known.`);
    });
    const allowed = resolved.filter(({ address }) => !policy.isDenied(address));
    const [first] = allowed;
    if (first === undefined) throw new Error(`This Buoy sends nothing to the network of ${host}.`);
    // Connects to what was checked, whatever the name resolves to a moment later.
    const pinned: LookupFunction = (_name, options, done) =>
      options.all ? done(null, allowed) : done(null, first.address, first.family);
    const send = protocol === 'https:' ? https.request : http.request;
    return new Promise((resolve, reject) => {
      const request = send(url, { method, headers, signal, agent: false, lookup: pinned }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: retryAfterOf(response.headers['retry-after']),
            text: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'),
          });
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes < MAX_ANSWER_BYTES) return;
          finish();
          response.destroy();
        });
        response.on('end', finish);
        response.on('error', (error) => reject(signal.aborted ? signal.reason : told(host, error)));
      });
      request.on('error', (error) => reject(signal.aborted ? signal.reason : told(host, error)));
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
