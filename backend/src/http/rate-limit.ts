// Requests a minute by IP: one budget for everything, smaller ones of their own for signing in and for exec.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { AppError } from '../lib/app-error.ts';

export type RateLimits = { global: number; auth: number; exec: number };

/** The budget that an endpoint draws from, by its contract key; null: the global one, which the plugin adds by itself. */
export type RateLimitRules = (key: string) => onRequestAsyncHookHandler | null;

const WINDOW = '1 minute';

/** Registers the global budget and makes the smaller ones. */
export async function registerRateLimit(app: FastifyInstance, limits: RateLimits): Promise<RateLimitRules> {
  await app.register(rateLimit, {
    global: true,
    max: limits.global,
    timeWindow: WINDOW,
    errorResponseBuilder: (_request, context) =>
      new AppError('rate_limited', `Too many requests: at most ${context.max} a minute.`, {
        hint: `Wait ${context.after}, then try again.`,
      }),
  });
  // One handler for all routes of a kind: a budget in the route's own options would be counted for each route apart.
  const auth = app.rateLimit({ max: limits.auth, timeWindow: WINDOW });
  const exec = app.rateLimit({ max: limits.exec, timeWindow: WINDOW });
  return (key) => {
    if (key.startsWith('POST /auth/')) return auth;
    return key.endsWith('/exec') ? exec : null;
  };
}
