// The two cookies of Buoy: scripts cannot read them, other sites cannot send them, and one route reads each.
// Cookies do not tell ports apart, so a page of the Control UI may be on the same host. The prefix of the names makes browsers refuse
// such a cookie from a script (`__Host-Http-`) or for other hosts and paths (`__Host-`), which takes the path `/`. Nothing forwards it.
import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Cookie = {
  name: string;
  read(request: FastifyRequest): string | null;
  /** @param value null removes the cookie */
  write(reply: FastifyReply, value: string | null): void;
};

/** The kept sign-in of the web app and of the command line; it lives as long as an unused session. */
export const refreshCookie = cookieFor('__Host-Http-buoy_refresh', 30 * 86_400);

/** What binds a “Log in with Telegram” to the browser that began it. */
export const loginCookie = cookieFor('__Host-Http-buoy_login', 600);

function cookieFor(name: string, maxAgeS: number): Cookie {
  const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;
  return {
    name,
    read: (request) => request.cookies[name] ?? null,
    write(reply, value) {
      if (value === null) reply.clearCookie(name, attributes);
      else reply.setCookie(name, value, { ...attributes, maxAge: maxAgeS });
    },
  };
}
