// What the door writes down of a call: each one that changes something, and each one that was denied.
import type { FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import type { OpenTrail } from '../audit/trail.ts';
import type { Caller } from '../users/caller.ts';
import type { Place } from './authorize.ts';
import { toAppError } from './problem.ts';
import type { RepeatableCall, RepeatedCalls } from './repeated-calls.ts';
import type { PathParams } from './route.ts';

/** A call on its way through the door; filled in as it becomes known. */
export type Passage = {
  caller: Caller | null;
  place: Place;
  /** Past authentication and the role check. */
  admitted: boolean;
  trail: OpenTrail | null;
};

/** Errors of a call that had no effect: the request was wrong, or what it was about is not there. */
const withoutEffect: ReadonlySet<string> = new Set([
  'invalid_request',
  'malformed_json',
  'payload_too_large',
  'not_found',
]);

/** Opens the trail of a call with what is known of it by now. What a stranger sends is not kept: it would be theirs to fill the log with. */
export function openTrail(audit: Audit, key: string, request: FastifyRequest, passage: Passage): OpenTrail {
  const { id, ...params } = request.params as PathParams;
  const { caller } = passage;
  return audit.trail({
    action: key,
    userId: caller?.user.id ?? null,
    serverId: typeof passage.place === 'string' ? passage.place : null,
    target: caller === null ? null : (Object.values(params)[0] ?? id ?? null),
    ip: request.ip,
    requestId: request.id,
    details: {
      ...(caller !== null && isFilled(request.query) ? { query: request.query } : {}),
      ...(caller !== null && isFilled(request.body) ? { body: request.body } : {}),
      ...(caller?.apiToken == null ? {} : { apiTokenId: caller.apiToken.id }),
    },
  });
}

/** What the recording of a call needs besides the call. */
export type CallRecorder = { audit: Audit; repeatedCalls: RepeatedCalls };

/**
 * Writes the entry of a call that came to nothing, where there must be one: it was denied, or it wanted to change something.
 * Repetitions that were sent too fast and sign-ins that still wait for their approval change nothing and are no denial.
 */
export async function recordFailure(
  { audit, repeatedCalls }: CallRecorder,
  key: string,
  request: FastifyRequest,
  passage: Passage,
  thrown: unknown,
): Promise<void> {
  const error = toAppError(thrown);
  if (error.code === 'rate_limited' || error.code === 'authorization_pending') return;
  const denied = isDenial(error.status, passage.admitted);
  // HEAD is answered by the route of GET.
  if (!denied && key.startsWith('GET ')) return;
  const trail = passage.trail ?? openTrail(audit, key, request, passage);
  const result = denied ? 'denied' : 'failed';
  const write = () => trail.end(result, { details: { status: error.status, error: error.code } });
  // Any other failure of somebody known may have had an effect: each has its entry.
  if (!denied && passage.caller !== null && !withoutEffect.has(error.code)) return write();
  await repeatedCalls.record(repeatable(key, request, passage, { result, error: error.code }), write);
}

/** Writes the entry of a call that changed something, unless it was written with the change. */
export async function recordSuccess(
  repeatedCalls: RepeatedCalls,
  key: string,
  request: FastifyRequest,
  passage: Passage,
  trail: OpenTrail,
): Promise<void> {
  if (trail.isWritten()) return;
  // A public call that signed nobody in and stored nothing with its entry can be repeated by anybody.
  if (passage.caller !== null) return trail.succeed();
  await repeatedCalls.record(repeatable(key, request, passage, { result: 'ok', error: null }), () =>
    trail.succeed(),
  );
}

function repeatable(
  action: string,
  request: FastifyRequest,
  { caller, place }: Passage,
  outcome: Pick<RepeatableCall, 'result' | 'error'>,
): RepeatableCall {
  return {
    ...outcome,
    action,
    userId: caller?.user.id ?? null,
    apiTokenId: caller?.apiToken?.id ?? null,
    serverId: typeof place === 'string' ? place : null,
    ip: request.ip,
  };
}

/** What the door itself refuses is a denial, also where it says "there is no such thing". */
export function isDenial(status: number, admitted: boolean): boolean {
  return status === 401 || status === 403 || (!admitted && status === 404);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
