// Every endpoint keeps its contract, whatever is sent: no 5xx of our own making, errors of the one shape, the document unchanged.
import {
  contract,
  type Endpoint,
  type EndpointKey,
  errorStatus,
  newServer,
  serverChange,
} from '@buoy/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requestFrom } from './support/requests-from-schema.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

/** Requests for each endpoint in a normal run. */
const RUNS = 100;

/** Ours alone: a managed server that cannot be reached is 503 and 504 by right. */
const ourFaults = ['internal', 'response_contract', 'storage_unavailable', 'storage_full'];

const problem = z.strictObject({
  error: z.string().min(1),
  code: z.enum(Object.keys(errorStatus) as [string, ...string[]]),
  requestId: z.string().min(1),
  hint: z.string().optional(),
  details: z.unknown().optional(),
  taskId: z.string().optional(),
});

let running: TestBuoy;
let token: string;
let serverId: string;
let taskId: string;
const rejections: unknown[] = [];
const note = (reason: unknown) => rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  running = await startTestBuoy();
  token = await running.signIn(SUPER_ID);
  const created = await running.call('POST', '/servers', {
    token,
    body: { name: 'fuzz', host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' },
  });
  serverId = created.json().server.id;
  const started = await running.call('POST', `/servers/${serverId}/openclaw/restart`, { token });
  taskId = started.json().task.id;
  await running.call('POST', `/tasks/${taskId}/cancel`, { token });
});

afterAll(async () => {
  await running.close();
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

/** The endpoint that would end the signed-in session is fuzzed with a bad token instead. */
const endsTheSession: EndpointKey[] = ['POST /auth/logout'];

describe.each(Object.keys(contract) as EndpointKey[])('%s', (key) => {
  const endpoint: Endpoint = contract[key];
  const [method = '', template = ''] = key.split(' ');

  test(`answers ${RUNS} generated requests on contract`, async () => {
    const pathId = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(template.startsWith('/tasks') ? taskId : serverId) },
      { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 80 }) },
    );
    const query = endpoint.query === undefined ? fc.constant({}) : requestFrom(endpoint.query);
    const body = endpoint.body === undefined ? fc.constant(undefined) : requestFrom(endpoint.body);
    await fc.assert(
      fc.asyncProperty(pathId, query, body, async (id, queryValue, bodyValue) => {
        // The server that others need stays.
        const target = method === 'DELETE' ? `gone-${id}` : id;
        const url = template.replace(':id', encodeURIComponent(target)) + queryText(queryValue);
        const response = await running.call(method as 'GET', url, {
          token: endsTheSession.includes(key) ? 'a.b.c' : token,
          ...(bodyValue === undefined
            ? {}
            : { body: JSON.stringify(tamed(bodyValue)), headers: { 'content-type': 'application/json' } }),
        });
        expect(response.headers['x-request-id']).toBeTruthy();
        if (response.statusCode === endpoint.status) {
          if (endpoint.response !== undefined) endpoint.response.parse(response.json());
          return;
        }
        const answer = problem.parse(response.json());
        expect(ourFaults, `${method} ${url} ${JSON.stringify(bodyValue)}: ${answer.error}`).not.toContain(
          answer.code,
        );
        expect(response.statusCode).toBe(errorStatus[answer.code as keyof typeof errorStatus]);
        expect(response.body).not.toMatch(/\n\s+at |node_modules|\.ts:\d/);
      }),
      { numRuns: RUNS },
    );
  });
});

test('the OpenAPI document says what is bound, and has not changed unseen', async () => {
  const { statusCode, payload } = await running.call('GET', '/openapi.json', { token });
  expect(statusCode).toBe(200);
  const document = JSON.parse(payload);
  document.info.version = '0.0.0';
  const paths = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(
      (method) => `${method.toUpperCase()} ${path.slice(4).replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  expect(paths.sort()).toEqual(Object.keys(contract).sort());
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
});

/** What would be stored and then connected to stays on this machine, where nothing listens on port 1. */
function tamed(body: unknown): unknown {
  const stored = newServer.safeParse(body).success || serverChange.safeParse(body).success;
  return stored ? { ...(body as object), host: '127.0.0.1', port: 1 } : body;
}

function queryText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const pairs = Object.entries(value).map(([name, one]) => [
    wellFormed(name),
    wellFormed(typeof one === 'object' ? JSON.stringify(one) : String(one)),
  ]);
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs as Array<[string, string]>)}`;
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}
