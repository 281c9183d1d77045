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
  /** The person with all devices, or with all API tokens. */
  ofPerson(request: FastifyRequest): Promise<string | null>;
  /** The session; null also for an API token. */
  ofSession(request: FastifyRequest): Promise<string | null>;
  /** The person whose live session the cookie of a kept sign-in belongs to, and whether it renews that session or has done so before. */
  ofCookie(cookie: string): Promise<{ userId: string; sessionId: string; isCurrent: boolean } | null>;
};

/** Counts a call of that class; null: only the global limit, which the plugin adds by itself; `unlimited`: not even that. */
export type RateLimitRules = (limit: RateLimit | undefined) => onRequestAsyncHookHandler | 'unlimited' | null;

const WINDOW = '1 minute';

/**
 * Calls a minute that a session has for itself when those of its person are used up: who has a thief in one session ends it from another,
 * whatever the thief calls. Each of a person's 500 sessions has them, since a bound over all of them would let a thief use up the owner's.
 * 10,000 endings a minute take little more time than their refusals would; 2,000 lists of 500 sessions each take a quarter of a core.
 */
const OF_SESSION = { ending: 20, endable: 4 };

/** Sessions of one person that may renew as often as each may: with a session or two, a thief uses up nothing of the others. */
const RENEWING_SESSIONS = 10;
/** Renewals a minute that each session has beyond that: a thief can make ten sessions of one. */
const LAST_RENEWALS = 2;

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
  const bySession = async (request: FastifyRequest): Promise<string> =>
    (await owners.ofSession(request)) ?? byAddress(request);
  /** Each renewal asks up to four times. */
  const asked = new WeakMap<FastifyRequest, ReturnType<BudgetOwners['ofCookie']>>();
  const ownerOfCookie = async (request: FastifyRequest) => {
    const cookie = refreshCookie.read(request);
    const owner = asked.get(request) ?? (cookie === null ? Promise.resolve(null) : owners.ofCookie(cookie));
    asked.set(request, owner);
    return owner;
  };
  const byCookie = async (request: FastifyRequest): Promise<string> => {
    const owner = await ownerOfCookie(request);
    if (owner === null) return byAddress(request);
    if (owner.isCurrent) return owner.sessionId;
    // A used secret tells of a thief, who must not keep it from being looked at by renewing elsewhere with the current one.
    return JSON.stringify([owner.userId, byAddress(request)]);
  };
  await app.register(rateLimit, {
    global: true,
    max: limits.global,
    timeWindow: WINDOW,
    keyGenerator: byCaller,
    errorResponseBuilder: (_request, context) => tooManyRequests(context),
  });
  // One handler for all routes of a kind: a budget in the route's own options would be counted for each route apart.
  const budget = (max: number, keyGenerator: typeof byCaller | typeof byAddress) =>
    app.rateLimit({ max, timeWindow: WINDOW, keyGenerator });
  const ofAllCalls = app.rateLimit();
  const peekAllCalls = app.createRateLimit();
  /** Counts as all calls do and, once these are used up, `max` a minute for each session. */
  const andOfSession = (max: number): onRequestAsyncHookHandler => {
    const ofSession = budget(max, bySession);
    return async (request, reply) => {
      const seen = await peekAllCalls(request, { increment: false });
      const isUsedUp = !seen.isAllowed && seen.remaining === 0;
      const hasSession = (await owners.ofSession(request)) !== null;
      await (isUsedUp && hasSession ? ofSession : ofAllCalls).call(app, request, reply);
    };
  };
  const ofCookie = budget(limits.global, byCookie);
  const ofPersonOfCookie = app.createRateLimit({
    ...{ max: RENEWING_SESSIONS * limits.global, timeWindow: WINDOW },
    keyGenerator: async (request) => (await ownerOfCookie(request))?.userId ?? '',
  });
  const lastOfCookie = app.createRateLimit({
    ...{ max: LAST_RENEWALS, timeWindow: WINDOW, keyGenerator: byCookie },
  });
  /** One person may have five hundred sessions, each with a budget. Retries with a used secret are counted where they are told from reuse. */
  const renewal: onRequestAsyncHookHandler = async (request, reply) => {
    await ofCookie.call(app, request, reply);
    if ((await ownerOfCookie(request))?.isCurrent !== true) return;
    const ofAll = await ofPersonOfCookie(request);
    if (ofAll.isAllowed || !ofAll.isExceeded) return;
    const last = await lastOfCookie(request);
    if (!last.isAllowed && last.isExceeded) throw tooManyRequests(ofAll);
  };
  const rules: Record<RateLimit, onRequestAsyncHookHandler | 'unlimited'> = {
    none: 'unlimited',
    signIn: budget(limits.auth, byAddress),
    code: budget(limits.auth, byPerson),
    token: budget(limits.auth, byPerson),
    renewal,
    exec: budget(limits.exec, byPerson),
    metrics: budget(limits.global, byCaller),
    // Apart from all calls: visitors behind one address do not keep anybody there from working.
    statusPage: budget(limits.global, byAddress),
    ending: andOfSession(OF_SESSION.ending),
    endable: andOfSession(OF_SESSION.endable),
  };
  return (limit) => (limit === undefined ? null : rules[limit]);
}

function tooManyRequests({ max, ttl }: { max: number; ttl: number }): AppError {
  const retryAfterS = Math.ceil(ttl / 1_000);
  return new AppError('rate_limited', `Too many requests: at most ${max} a minute.`, {
    hint: `Wait ${retryAfterS} s, then try again.`,
    details: { limit: max, retryAfterS },
  });
}
