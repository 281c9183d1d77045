// What a handler is given of its call: input, caller and cookies, and the questions that it may ask of the caller's rights later.
import type { Endpoint } from '@buoy/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import type { Caller } from '../users/caller.ts';
import type { Authorizer } from './authorize.ts';
import { loginCookie, refreshCookie } from './cookies.ts';
import type { Context, PathParams, Policy } from './route.ts';

export function contextOf(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    method,
    signal,
    audit,
    policy,
    authorizer,
  }: {
    /** Of the route: a HEAD request is a GET. */
    method: string;
    signal: AbortSignal;
    audit: AuditRecorder;
    policy: Policy;
    authorizer: Authorizer;
  },
): Context<Endpoint, Policy> {
  const stillAdmits = (asked: Policy) =>
    authorizer.stillAdmits(asked, method, request.callContext.caller, request.params as PathParams);
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    caller: request.callContext.caller,
    client: { ip: request.ip, userAgent: request.headers['user-agent'] ?? null },
    origin: `${request.protocol}://${request.host}`,
    signal,
    requestId: request.id,
    audit,
    admits: stillAdmits,
    async callerNow() {
      const { caller } = request.callContext;
      if (caller === null) throw new Error('Nobody has signed in for this call.');
      const current = (await stillAdmits(policy)) ? await authorizer.current(caller) : null;
      if (current === null) throw await refusalFor(authorizer, caller);
      return current;
    },
    ifMatch: versionIn(request.headers['if-match']),
    lastEventId: headerText(request.headers['last-event-id']),
    refreshCookie: {
      read: () => refreshCookie.read(request),
      write: (value) => refreshCookie.write(reply, value),
    },
    loginCookie: {
      read: () => loginCookie.read(request),
      write: (value) => loginCookie.write(reply, value),
    },
  } as Context<Endpoint, Policy>;
}

/** Why an authorized caller has lost access. */
export async function refusalFor(authorizer: Authorizer, caller: Caller): Promise<AppError> {
  const isLive = await authorizer.current(caller).then(
    (current) => current !== null,
    () => true,
  );
  return isLive
    ? new AppError('forbidden', 'You have no access to this any more, so it was stopped.', {
        hint: 'Ask the owner of the server for access.',
      })
    : new AppError('session_revoked', 'You have been signed out, so this was stopped.', {
        hint: 'Sign in again.',
      });
}

/** `If-Match: "3"` → 3; NaN, which no version equals, for anything else that was sent. */
function versionIn(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null;
  return Number(/^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1] ?? Number.NaN);
}

function headerText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header.slice(0, 256) : null;
}
