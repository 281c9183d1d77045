// An https client that resolves every name to one address, without DNS, like a browser behind that name.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';

/** Statuses whose answers have no body. */
const WITHOUT_BODY = [204, 304];

export type HttpsVisitor = { agent: Agent; fetch: typeof globalThis.fetch };

/**
 * @param address that every name resolves to
 * @param ca the only CA that the client trusts
 */
export function httpsVisitor(address: string, ca: string | Buffer): HttpsVisitor {
  const lookup: LookupFunction = (_name, { all }, found) =>
    all ? found(null, [{ address, family: 4 }]) : found(null, address, 4);
  const agent = new Agent({ ca, lookup });
  const visit = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const sent = request(String(url), {
      agent,
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(init.signal ? { signal: init.signal } : {}),
    });
    sent.end(init.body ?? undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(answer.headersDistinct))
      for (const value of values) headers.append(name, value);
    const status = answer.statusCode ?? 0;
    const hasBody = !WITHOUT_BODY.includes(status);
    if (!hasBody) answer.resume();
    return new Response(hasBody ? (Readable.toWeb(answer) as ReadableStream) : null, { status, headers });
  };
  return { agent, fetch: visit };
}
