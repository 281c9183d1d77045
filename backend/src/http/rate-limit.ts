// Requests a minute by IP: one budget for everything, and budgets of their own for signing in, for exec and for probes.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { IPV6_SUBNET_BITS } from '../lib/address-group.ts';
import { AppError } from '../lib/app-error.ts';

export type RateLimits = { global: number; auth: number; exec: number };

/** The budget that an endpoint draws from, by its contract key; null: the global one, which the plugin adds by itself. */
export type RateLimitRules = (key: string) => onRequestAsyncHookHandler | null;

const WINDOW = '1 minute';

/** Registers the global budget and makes the others. */
export async function registerRateLimit(app: FastifyInstance, limits: RateLimits): Promise<RateLimitRules> {
  await app.register(rateLimit, {
    global: true,
    max: limits.global,
    timeWindow: WINDOW,
    ipv6Subnet: IPV6_SUBNET_BITS,
    errorResponseBuilder: (_request, context) =>
      new AppError('rate_limited', `Too many requests: at most ${context.max} a minute.`, {
        hint: `Wait ${context.after}, then try again.`,
        details: { limit: context.max, retryAfterS: Math.ceil(context.ttl / 1000) },
      }),
  });
  // One handler for all routes of a kind: a budget in the route's own options would be counted for each route apart.
  const auth = app.rateLimit({ max: limits.auth, timeWindow: WINDOW });
  const exec = app.rateLimit({ max: limits.exec, timeWindow: WINDOW });
  const probes = app.rateLimit({ max: limits.global, timeWindow: WINDOW });
  return (key) => {
    // Behind one address with busy people, a refused probe would take a healthy Buoy out of service, and leave gaps in the metrics.
    if (key === 'GET /health' || key === 'GET /metrics') return probes;
    // A device asks each few seconds, with a code of 256 bits; whoever looks up or approves one has a short code that can be guessed.
    if (key === 'POST /auth/device/token') return null;
    if (key.startsWith('POST /auth/') || key === 'GET /auth/device') return auth;
    const opensConnection = key === 'POST /servers/host-key' || key.endsWith('/terminal/ticket');
    return opensConnection || key.endsWith('/exec') ? exec : null;
  };
}
