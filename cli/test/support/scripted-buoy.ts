// A scripted Buoy for gateway behaviour that no real gateway shows on request; calls and answers are checked by the contract.
import { contract, type Endpoint, type EndpointKey, type Server } from '@buoy/contract';

/** The time of all fixtures. */
export const at = '2026-03-01T10:00:00.000Z';
/** Source of a read. */
export const read = { source: 'gateway', observedAt: at };
/** The only server. */
export const server: Server = {
  ...{ id: 'srv_1', name: 'web', host: 'web.example', port: 22, username: 'deploy', authType: 'key' },
  ...{
    tags: [],
    jumpServerId: null,
    jumpServerRemoved: false,
    hostKey: null,
    openclaw: { installed: true, version: '2026.9.6' },
  },
  ...{ status: { state: 'up', since: at, checkedAt: at, reasons: [] }, role: 'owner', version: 1 },
  owner: { id: '1', name: 'Anna', givenBy: null },
  ...{ createdAt: at, updatedAt: at },
};

export type ScriptedBuoy = {
  fetch: typeof globalThis.fetch;
  /** Method and path of each call. */
  calls: string[];
};

export type ScriptedAnswer = {
  status?: number;
  body?: unknown;
  events?: Array<[name: string, data: unknown]>;
};

/** The request, parsed by the contract. */
export type ScriptedCall = { query: unknown; body: unknown };

/** @param script the answer to a call; a stream ends after its events */
export function scriptedBuoy(
  script: (key: EndpointKey, calls: readonly string[], call: ScriptedCall) => ScriptedAnswer,
): ScriptedBuoy {
  const calls: string[] = [];
  return {
    calls,
    async fetch(input, init) {
      const { pathname, searchParams } = new URL(String(input));
      const method = init?.method ?? 'GET';
      const path = pathname.replace(/^\/api/, '');
      calls.push(`${method} ${decodeURIComponent(path)}`);
      const key = keyOf(method, path);
      const endpoint: Endpoint = contract[key];
      const call = {
        query: endpoint.query?.parse(Object.fromEntries(searchParams)),
        body: endpoint.body?.parse(JSON.parse(String(init?.body))),
      };
      const { status = endpoint.status, body, events } = script(key, calls, call);
      if (events !== undefined)
        return new Response(streamOf(endpoint, events), { headers: { 'content-type': 'text/event-stream' } });
      if (status < 300) endpoint.response?.parse(body);
      return body === undefined ? new Response(null, { status }) : Response.json(body, { status });
    },
  };
}

function keyOf(method: string, path: string): EndpointKey {
  const parts = path.split('/');
  const found = (Object.keys(contract) as EndpointKey[]).find((key) => {
    const [verb, template = ''] = key.split(' ');
    const names = template.split('/');
    return (
      verb === method &&
      names.length === parts.length &&
      names.every((name, index) => name.startsWith(':') || name === parts[index])
    );
  });
  if (found === undefined) throw new Error(`The contract has no ${method} ${path}.`);
  return found;
}

function streamOf({ events: schemas = {} }: Endpoint, events: Array<[string, unknown]>): string {
  return events
    .map(([name, data], index) => {
      schemas[name]?.parse(data);
      return `id: ${index}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    })
    .join('');
}
