// The valid answers to any request, however hostile: the endpoint's success as in the contract, or an error not caused by Buoy.
import {
  contract,
  problem as contractProblem,
  type Endpoint,
  type ErrorCode,
  errorStatus,
} from '@buoy/contract';
import type { LightMyRequestResponse } from 'fastify';
import { z } from 'zod';

/** Caused by Buoy alone: for a managed server that cannot be reached, 503 and 504 are right. */
const ourFaults: readonly ErrorCode[] = [
  'internal',
  'response_contract',
  'storage_unavailable',
  'storage_full',
  'shutting_down',
];

/** Strict: fields that the contract lacks must not be in an error. */
const problem = contractProblem.strict();

/** Of all previews: a script names folders of the managed server. */
const previewed: unknown = contract['POST /servers/:id/setup/run/preview'].response;
const onServer = /\blib\/node_modules\/(npm|\.?openclaw)\b/g;
/** A stack trace, or a path of the program. */
const internals = /\n\s+at |node_modules|\.ts:\d|\/backend\/src\//;
const harmlessId = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * @param sent the headers of the request
 * @param fixture.secrets texts that no answer may hold
 * @param fixture.faults codes that no request may cause, on top of Buoy's own failures
 * @returns what is wrong with the answer, in a sentence; null when it is valid
 */
export function faultOf(
  endpoint: Endpoint,
  answer: LightMyRequestResponse,
  sent: Readonly<Record<string, string>>,
  { secrets, faults }: { secrets: readonly string[]; faults: readonly ErrorCode[] },
): string | null {
  const { statusCode, headers, body } = answer;
  const id = headers['x-request-id'];
  const sentId = sent['x-request-id'];
  if (typeof id !== 'string' || !harmlessId.test(id)) return `the answer's X-Request-Id is ${id}`;
  if (sentId !== undefined && harmlessId.test(sentId) && id !== sentId)
    return `X-Request-Id ${sentId} was sent, ${id} came back`;
  const own = endpoint.response === previewed ? body.replaceAll(onServer, '') : body;
  if (internals.test(own)) return `the answer shows the inside of Buoy: ${body.slice(0, 500)}`;
  if (secrets.some((secret) => body.includes(secret))) return 'the answer holds a stored secret';
  const succeeded = statusCode === endpoint.status || (statusCode === 206 && endpoint.content !== undefined);
  if (succeeded) return faultOfSuccess(endpoint, answer);
  // The first answer to an Idempotency-Key is repeated unchanged, its request id included.
  return faultOfProblem(answer, sent['idempotency-key'] === undefined ? id : null, [...ourFaults, ...faults]);
}

function faultOfSuccess(endpoint: Endpoint, answer: LightMyRequestResponse): string | null {
  const type = answer.headers['content-type'] ?? '';
  if (endpoint.events !== undefined) return faultOfStream(endpoint.events, answer.body, type);
  if (endpoint.content !== undefined) {
    if (type !== endpoint.content) return `the answer is ${type}, not ${endpoint.content}`;
    const isPart = answer.headers['content-range'] !== undefined;
    return isPart === (answer.statusCode === 206) ? null : 'status and Content-Range do not go together';
  }
  if (endpoint.response === undefined) return answer.body === '' ? null : `204 with a body: ${answer.body}`;
  if (!/^application\/json\b/.test(type)) return `the answer is ${type}, not JSON`;
  const parsed = endpoint.response.safeParse(jsonIn(answer.body));
  return parsed.success ? null : `the answer breaks its schema: ${z.prettifyError(parsed.error)}`;
}

function faultOfStream(events: NonNullable<Endpoint['events']>, body: string, type: string): string | null {
  if (!/^text\/event-stream\b/.test(type)) return `the answer is ${type}, not a stream of events`;
  for (const frame of body.split('\n\n').filter((text) => text !== '' && !text.startsWith(':'))) {
    const name = /^event: (.*)$/m.exec(frame)?.[1] ?? '';
    const schema = events[name];
    if (schema === undefined) return `the contract has no event "${name}" here`;
    const parsed = schema.safeParse(jsonIn(/^data: (.*)$/m.exec(frame)?.[1] ?? ''));
    if (!parsed.success) return `the event "${name}" breaks its schema: ${z.prettifyError(parsed.error)}`;
  }
  return null;
}

function faultOfProblem(
  { statusCode, body, headers }: LightMyRequestResponse,
  id: string | null,
  faults: readonly ErrorCode[],
): string | null {
  const parsed = problem.safeParse(jsonIn(body));
  if (!parsed.success) return `${statusCode} with something that is no problem: ${body.slice(0, 500)}`;
  const { code, error, requestId } = parsed.data;
  if (faults.includes(code)) return `${statusCode} ${code}: ${error}`;
  if (statusCode !== errorStatus[code]) return `${code} came with the status ${statusCode}`;
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return 'the problem is not JSON';
  return id === null || requestId === id ? null : `the problem names request ${requestId}, its header ${id}`;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
