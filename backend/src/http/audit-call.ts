// What the door writes down of a call: each one that changes something, and each one that was denied.
import type { FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import type { OpenTrail } from '../audit/trail.ts';
import type { Caller } from '../users/caller.ts';
import type { Place } from './authorize.ts';
import { toAppError } from './problem.ts';
import type { PathParams } from './route.ts';

/** A call on its way through the door; filled in as it becomes known. */
export type Passage = {
  caller: Caller | null;
  place: Place;
  /** Past authentication and the role check. */
  admitted: boolean;
  trail: OpenTrail | null;
};

/** Opens the trail of a call with what is known of it by now. */
export function openTrail(audit: Audit, key: string, request: FastifyRequest, passage: Passage): OpenTrail {
  const { id, ...params } = request.params as PathParams;
  return audit.trail({
    action: key,
    userId: passage.caller?.user.id ?? null,
    serverId: typeof passage.place === 'string' ? passage.place : null,
    target: Object.values(params)[0] ?? id ?? null,
    ip: request.ip,
    requestId: request.id,
    details: {
      ...(isFilled(request.query) ? { query: request.query } : {}),
      ...(isFilled(request.body) ? { body: request.body } : {}),
      ...(passage.caller?.apiToken == null ? {} : { apiTokenId: passage.caller.apiToken.id }),
    },
  });
}

/**
 * Writes the entry of a call that came to nothing, where there must be one: it was denied, or it wanted to change something.
 * Repetitions that were sent too fast and sign-ins that still wait for their approval change nothing and are no denial.
 */
export async function recordFailure(
  audit: Audit,
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
  await trail.end(denied ? 'denied' : 'failed', { details: { status: error.status, error: error.code } });
}

/** What the door itself refuses is a denial, also where it says "there is no such thing". */
export function isDenial(status: number, admitted: boolean): boolean {
  return status === 401 || status === 403 || (!admitted && status === 404);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
