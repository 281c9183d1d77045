// The web app's kept sign-in: a cookie that scripts cannot read and that goes to one route only.
import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'buoy_refresh';
const PATH = '/api/auth/refresh';
/** Seconds; as long as an unused session lives. */
const MAX_AGE_S = 30 * 86_400;

export function readRefreshCookie(request: FastifyRequest): string | null {
  return request.cookies[NAME] ?? null;
}

/** @param value null removes the cookie */
export function writeRefreshCookie(reply: FastifyReply, value: string | null): void {
  const attributes = { path: PATH, httpOnly: true, secure: true, sameSite: 'strict' } as const;
  if (value === null) reply.clearCookie(NAME, attributes);
  else reply.setCookie(NAME, value, { ...attributes, maxAge: MAX_AGE_S });
}
