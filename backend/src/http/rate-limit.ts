// Rate limits per person or API token, or per address without a valid one, so that callers do not use up each other's.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { addressGroupOf } from '../lib/address-group.ts';
import { AppError } from '../lib/app-error.ts';
import { refreshCookie } from './cookies.ts';

export type RateLimits = { global: number; auth: number; exec: number };

/** Who is counted in place of the address; null: nobody who has proved it. */
export type BudgetOwners = {
  ofCaller(request: FastifyRequest): Promise<string | null>;
  /** The person, also behind an API token. */
  ofPerson(request: FastifyRequest): Promise<string | null>;
  /** The session that the cookie of a kept sign-in belongs to, with its right secret. */
  ofCookie(cookie: string): Promise<string | null>;
};

/** The budget that an endpoint draws from, by its contract key; null: the global one, which the plugin adds by itself. */
export type RateLimitRules = (key: string) => onRequestAsyncHookHandler | 'unlimited' | null;

const WINDOW = '1 minute';

/** Registers the global budget and makes the others. */
export async function registerRateLimit(
  app: FastifyInstance,
  limits: RateLimits,
  owners: BudgetOwners,
): Promise<RateLimitRules> {
  const byAddress = (request: FastifyRequest): string => addressGroupOf(request.ip);
  const byCaller = async (request: FastifyRequest): Promise<string> =>
    (await owners.ofCaller(request)) ?? byAddress(request);
  // Sensitive limits count per person: more tokens must not bring more guesses, commands or connections.
  const byPerson = async (request: FastifyRequest): Promise<string> =>
    (await owners.ofPerson(request)) ?? byAddress(request);
  const bySession = async (request: FastifyRequest): Promise<string> => {
    const cookie = refreshCookie.read(request);
    return (cookie === null ? null : await owners.ofCookie(cookie)) ?? byAddress(request);
  };
  await app.register(rateLimit, {
    global: true,
    max: limits.global,
    timeWindow: WINDOW,
    keyGenerator: byCaller,
    errorResponseBuilder: (_request, context) =>
      new AppError('rate_limited', `Too many requests: at most ${context.max} a minute.`, {
        hint: `Wait ${context.after}, then try again.`,
        details: { limit: context.max, retryAfterS: Math.ceil(context.ttl / 1000) },
      }),
  });
  // One handler for all routes of a kind: a budget in the route's own options would be counted for each route apart.
  const budget = (max: number, keyGenerator: typeof byCaller | typeof byAddress) =>
    app.rateLimit({ max, timeWindow: WINDOW, keyGenerator });
  const signIns = budget(limits.auth, byAddress);
  const codes = budget(limits.auth, byPerson);
  const newTokens = budget(limits.auth, byPerson);
  const renewals = budget(limits.global, bySession);
  const exec = budget(limits.exec, byPerson);
  const metrics = budget(limits.global, byCaller);
  return (key) => {
    // A refused probe would take a healthy Buoy out of service, and costs as much as an answered one.
    if (key === 'GET /health') return 'unlimited';
    if (key === 'GET /metrics') return metrics;
    if (key === 'POST /auth/refresh') return renewals;
    // A device polls every few seconds with a 256-bit code; looking up or approving uses a short code that can be guessed.
    if (key === 'POST /auth/device/token') return null;
    if (/^(GET \/auth\/device|POST \/auth\/device\/approve|POST \/auth\/logout)$/.test(key)) return codes;
    if (key.startsWith('POST /auth/')) return signIns;
    if (key === 'POST /me/tokens') return newTokens;
    const opensConnection = key === 'POST /servers/host-key' || key.endsWith('/terminal/ticket');
    return opensConnection || /\/exec(\/stream)?$/.test(key) ? exec : null;
  };
}
