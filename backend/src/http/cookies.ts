// The two cookies of Buoy: scripts cannot read them, other sites cannot send them, and each goes to one route only.
import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Cookie = {
  read(request: FastifyRequest): string | null;
  /** @param value null removes the cookie */
  write(reply: FastifyReply, value: string | null): void;
};

/** The web app's kept sign-in; it lives as long as an unused session. */
export const refreshCookie = cookieFor('buoy_refresh', '/api/auth/refresh', 30 * 86_400);

/** What binds a “Log in with Telegram” to the browser that began it. */
export const loginCookie = cookieFor('buoy_login', '/api/auth/telegram-login/finish', 600);

function cookieFor(name: string, path: string, maxAgeS: number): Cookie {
  const attributes = { path, httpOnly: true, secure: true, sameSite: 'strict' } as const;
  return {
    read: (request) => request.cookies[name] ?? null,
    write(reply, value) {
      if (value === null) reply.clearCookie(name, attributes);
      else reply.setCookie(name, value, { ...attributes, maxAge: maxAgeS });
    },
  };
}
