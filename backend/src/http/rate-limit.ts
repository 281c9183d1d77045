// Rate limits per person or API token, or per address without a valid one, so that callers do not use up each other's.
import type { RateLimit } from '@buoy/contract';
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
  /** The person whom the cookie of a kept sign-in belongs to, with its right secret. */
  ofCookie(cookie: string): Promise<string | null>;
};

/** Counts a call of that class; null: only the global limit, which the plugin adds by itself; `unlimited`: not even that. */
export type RateLimitRules = (limit: RateLimit | undefined) => onRequestAsyncHookHandler | 'unlimited' | null;

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
  // One person may have five hundred sessions.
  const byPersonOfCookie = async (request: FastifyRequest): Promise<string> => {
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
  const rules: Record<RateLimit, onRequestAsyncHookHandler | 'unlimited'> = {
    none: 'unlimited',
    signIn: budget(limits.auth, byAddress),
    code: budget(limits.auth, byPerson),
    token: budget(limits.auth, byPerson),
    renewal: budget(limits.global, byPersonOfCookie),
    exec: budget(limits.exec, byPerson),
    metrics: budget(limits.global, byCaller),
  };
  return (limit) => (limit === undefined ? null : rules[limit]);
}
