// The two cookies of Buoy: scripts cannot read them, other sites cannot send them, and one route reads each.
// Cookies do not tell ports apart, so a page of the Control UI may be on the same host. The prefix of the names makes browsers refuse
// such a cookie from a script (`__Host-Http-`) or for other hosts and paths (`__Host-`), which takes the path `/`. Nothing forwards it.
// To a browser, the names below one domain are one site, and so are all ports of a host: what their pages send comes without cookies here.
// Only where somebody has allowed it do they go without prefix and `Secure`: on a request that came by plain http. A request by https
// never reads such a one, which anybody on the way could have set.
import '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopbackHost } from '../lib/loopback-host.ts';
import { isFromOtherOrigin } from './other-origins.ts';

/** Ids and secrets in base64url, with dots between; nothing else is looked up, for PostgreSQL has no text with a NUL in it. */
const VALUE = /^[\w.-]{0,256}$/;

export type Cookie = {
  name: string;
  /** null: there is none, or one that Buoy never set. */
  read(request: FastifyRequest): string | null;
  /** @param value null removes the cookie */
  write(reply: FastifyReply, value: string | null): void;
};

export type CookieRules = {
  /** Plain http keeps a sign-in. */
  allowInsecureHttp: boolean;
  /** A name by which Buoy is reached by https alone. */
  appDomain: string | null;
};

declare module 'fastify' {
  interface FastifyInstance {
    cookieRules: CookieRules;
  }
}

/** To be called before the routes are registered. */
export function registerCookieRules(app: FastifyInstance, rules: CookieRules): void {
  app.decorate('cookieRules', rules);
}

/** The kept sign-in of the web app and of the command line; it lives as long as an unused session. */
export const refreshCookie = cookieFor('buoy_refresh', 30 * 86_400);

/** What binds a “Log in with Telegram” to the browser that began it. */
export const loginCookie = cookieFor('buoy_login', 600);

function cookieFor(plainName: string, maxAgeS: number): Cookie {
  const secureName = `__Host-Http-${plainName}`;
  return {
    name: secureName,
    read(request) {
      if (isFromOtherOrigin(request.headers)) return null;
      const { cookies } = request;
      // The command line keeps a secure one from before plain http was allowed, and sends it.
      const plain = mayBePlain(request) ? cookies[plainName] : undefined;
      const value = plain ?? cookies[secureName];
      return value !== undefined && VALUE.test(value) ? value : null;
    },
    write(reply, value) {
      const isPlain = mayBePlain(reply.request);
      const name = isPlain ? plainName : secureName;
      const attributes = { path: '/', httpOnly: true, secure: !isPlain, sameSite: 'strict' } as const;
      if (value === null) reply.clearCookie(name, attributes);
      else reply.setCookie(name, value, { ...attributes, maxAge: maxAgeS });
    },
  };
}

/**
 * Did this request come by plain http, where that is allowed? Whatever speaks for https wins: a proxy that does not say how it was
 * reached must not take `Secure` away. Browsers take and keep secure cookies at loopback addresses.
 */
function mayBePlain(request: FastifyRequest): boolean {
  const { allowInsecureHttp, appDomain } = request.server.cookieRules;
  if (!allowInsecureHttp || request.protocol === 'https') return false;
  if (/^https:/i.test(request.headers.origin ?? '')) return false;
  const isPublicName = appDomain !== null && request.host.toLowerCase() === appDomain.toLowerCase();
  return !isPublicName && !isLoopbackHost(request.hostname);
}
