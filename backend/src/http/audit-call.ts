// Audit entries of calls: every change and every denial.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';
import type { FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import { type CallAuditRecorder, unlimited } from '../audit/audit-recorder.ts';
import { sha256 } from '../lib/ids.ts';
import type { Caller } from '../users/caller.ts';
import type { Resource } from './authorize.ts';
import { type ChangeLimits, endsAccessOrWork } from './change-limits.ts';
import { toAppError } from './problem.ts';
import type { RepeatableCall, RepeatedCalls } from './repeated-calls.ts';
import type { PathParams } from './route.ts';

/** A call during authorization, filled in step by step. */
export type RequestContext = {
  caller: Caller | null;
  resource: Resource;
  /** Whether authentication and the role check have passed. */
  admitted: boolean;
  recorder: CallAuditRecorder | null;
  /** Whether anything can have been sent to the server that the call is about. */
  mayHaveSent: () => boolean;
};

/** Dependencies of call recording. */
export type CallRecorder = { audit: Audit; repeatedCalls: RepeatedCalls; changeLimits: ChangeLimits };

/** Errors of a call that had no effect: the request was wrong, or what it was about is not there. */
const withoutEffect: ReadonlySet<string> = new Set([
  'invalid_request',
  'malformed_json',
  'payload_too_large',
  'not_found',
]);

/** Errors of a call that did not get to its server, when nothing was sent there. */
const unsent: ReadonlySet<string> = new Set([
  'unreachable',
  'ssh_auth',
  'key_format',
  'host_key_changed',
  'circuit_open',
  'queue_full',
  'gateway_unavailable',
  'deadline',
]);

/** Opens the recorder of a call. Input of unauthenticated callers is not kept, since they could fill the log with it. */
export function openAuditRecorder(
  { audit, repeatedCalls, changeLimits }: CallRecorder,
  key: string,
  request: FastifyRequest,
  callContext: RequestContext,
): CallAuditRecorder {
  const { caller } = callContext;
  const limits =
    caller === null
      ? unlimited
      : {
          beforeChange: () => changeLimits.spend(caller, key, request.params as PathParams),
          wrote: () => changeLimits.wrote(caller),
        };
  const start = {
    action: key,
    userId: caller?.user.id ?? null,
    serverId: typeof callContext.resource === 'string' ? callContext.resource : null,
    target: caller === null ? null : targetOf(request),
    ip: request.ip,
    requestId: request.id,
    details: {
      ...(caller !== null && isFilled(request.query) ? { query: request.query } : {}),
      ...(caller !== null && isFilled(request.body) ? { body: withoutSecretFields(key, request.body) } : {}),
      ...(caller?.apiToken == null ? {} : { apiTokenId: caller.apiToken.id }),
    },
  };
  return audit.recorder(
    start,
    ({ userId, target }, write) =>
      repeatedCalls.record(
        { ...repeatable(key, request, callContext, { result: 'ok', error: null }), userId, target },
        write,
      ),
    limits,
  );
}

/** Secrets by their names are masked later, as everywhere. */
function withoutSecretFields(key: string, body: unknown): unknown {
  const { secretFields = [] }: Endpoint = contract[key as EndpointKey];
  if (secretFields.length === 0 || typeof body !== 'object' || body === null) return body;
  const masked = secretFields.filter((field) => field in body).map((field) => [field, '[redacted]']);
  return { ...body, ...Object.fromEntries(masked) };
}

/**
 * Writes the entry of a call that came to nothing, where there must be one: it was denied, or it wanted to change something.
 * Repetitions that were sent too fast and sign-ins that still wait for their approval change nothing and are no denial.
 */
export async function recordFailure(
  parts: CallRecorder,
  key: string,
  request: FastifyRequest,
  callContext: RequestContext,
  thrown: unknown,
): Promise<void> {
  const error = toAppError(thrown);
  if (error.code === 'rate_limited' || error.code === 'authorization_pending') return;
  const denied = isDenial(error.status, callContext.admitted);
  // HEAD is answered by the route of GET.
  if (!denied && key.startsWith('GET ')) return;
  const recorder = callContext.recorder ?? openAuditRecorder(parts, key, request, callContext);
  const result = denied ? 'denied' : 'failed';
  const write = () => recorder.end(result, { details: { status: error.status, error: error.code } });
  const hadNoEffect =
    withoutEffect.has(error.code) ||
    (unsent.has(error.code) && !recorder.hasEntry() && !callContext.mayHaveSent());
  const call = repeatable(key, request, callContext, { result, error: error.code });
  if (denied || callContext.caller === null || hadNoEffect) return parts.repeatedCalls.record(call, write);
  // Its entries are those of something that has happened, each of which is told.
  if (recorder.hasEntry()) return write();
  // Any other failure of somebody known may have had an effect: what differs has its entry. What ends something has failed as a whole.
  const said = endsAccessOrWork(key) ? {} : { target: targetOf(request), request: requestHash(request) };
  await parts.repeatedCalls.record({ ...call, ...said }, write);
}

/** Writes the entry of a call that succeeded, unless it was written with its change. */
export async function recordSuccess({ caller }: RequestContext, recorder: CallAuditRecorder): Promise<void> {
  // A public call that signed nobody in and stored nothing with its entry can be repeated by anybody.
  if (caller === null) recorder.unchanged();
  await recorder.succeed();
}

function repeatable(
  action: string,
  request: FastifyRequest,
  { caller, resource }: RequestContext,
  outcome: Pick<RepeatableCall, 'result' | 'error'>,
): RepeatableCall {
  return {
    ...outcome,
    action,
    userId: caller?.user.id ?? null,
    apiTokenId: caller?.apiToken?.id ?? null,
    serverId: typeof resource === 'string' ? resource : null,
    target: null,
    ip: request.ip,
  };
}

/** What the path names beside the server, or the server. */
function targetOf(request: FastifyRequest): string | null {
  const { id, ...params } = request.params as PathParams;
  return Object.values(params)[0] ?? id ?? null;
}

function requestHash({ params, query, body }: FastifyRequest): string {
  return sha256(JSON.stringify([params, query, body]));
}

/** Refusals by authorization count as denials, including its 404. */
export function isDenial(status: number, admitted: boolean): boolean {
  return status === 401 || status === 403 || (!admitted && status === 404);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
