// API tokens: what a person gives to a program so that it acts in their name, within scopes.
import { type ApiToken, type Scope, scope, type User } from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { ApiTokenTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, newSecret, sha256 } from '../lib/ids.ts';
import type { ApiTokenStore } from './api-tokens.store.ts';
import type { Caller, CallerInPerson } from './caller.ts';
import type { UserPresenter } from './user.presenter.ts';

/** Tells an API token from a session's token, and lets secret scanners find one that leaked. */
export const API_TOKEN_PREFIX = 'buoy_';

/** More than any person has programs; a script that makes them in a loop is stopped. */
const MAX_LIVE_TOKENS = 50;
/** How exact `lastUsedAt` is: one write a minute and token, not one a call. */
const TOUCH_INTERVAL_MS = 60_000;
/** An expired token stays in the list for this long, so that its person sees why a program stopped working. */
const EXPIRED_SHOWN_MS = 30 * 86_400_000;

/** Scopes that this version does not know give nothing. */
const storedScopes = z.array(scope).catch([]);

export type ApiTokens = ReturnType<typeof createApiTokens>;

export function createApiTokens(parts: { store: ApiTokenStore; presentUser: UserPresenter; clock: Clock }) {
  const { store, presentUser, clock } = parts;

  return {
    /** All that this person has, also those that expired lately; never their secrets. */
    async list(caller: Caller): Promise<ApiToken[]> {
      return (await store.list(caller.user.id)).map(present);
    },

    /**
     * Makes a token of its own: it goes on working when the session that made it is signed out, until it expires or is revoked.
     * It never may more than its person may at that moment: a grant or rank that is taken away is gone for the token too.
     * @returns with `secret`, which is kept nowhere and shown this once
     * @throws AppError 400 when it would be expired already, 403 for a scope that this person cannot give, 409 when there are too many
     */
    async create(
      caller: CallerInPerson,
      input: { name: string; scopes: readonly Scope[]; expiresAt?: string | null | undefined },
      audit?: AuditRecorder,
    ): Promise<ApiToken & { secret: string }> {
      const now = clock.now();
      if (input.scopes.includes('metrics') && !caller.user.isSuperAdmin)
        throw new AppError('forbidden', 'Only a super-admin can make a token with the scope "metrics".', {
          hint: 'Leave that scope out, or ask a super-admin for such a token.',
        });
      const secret = `${API_TOKEN_PREFIX}${newSecret()}`;
      const row: ApiTokenTable = {
        id: newId('tok'),
        userId: caller.user.id,
        name: input.name,
        scopes: JSON.stringify(input.scopes),
        secretHash: sha256(secret),
        createdAt: isoTime(now),
        lastUsedAt: null,
        expiresAt: input.expiresAt == null ? null : inFuture(input.expiresAt, now),
      };
      await store.forgetExpired(isoTime(now - EXPIRED_SHOWN_MS));
      const made = await store.insert(
        row,
        MAX_LIVE_TOKENS,
        audit?.change({ target: row.name, details: { id: row.id } }),
      );
      if (!made)
        throw new AppError('conflict', `You have ${MAX_LIVE_TOKENS} API tokens, the maximum.`, {
          hint: 'Revoke one that you no longer use.',
        });
      return { ...present(row), secret };
    },

    /** Ends a token at once, its open streams too. @throws AppError `not_found` when the caller has no such token */
    async revoke(caller: CallerInPerson, id: string, audit?: AuditRecorder): Promise<void> {
      const row = await store.find(id, caller.user.id);
      const also = audit?.change({ target: row?.name ?? id });
      if (row === undefined || !(await store.remove(id, caller.user.id, also)))
        throw new AppError('not_found', 'You have no such API token.');
    },

    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(secret: string): Promise<Caller> {
      const found = await store.findBySecret(sha256(secret));
      if (found === undefined)
        throw new AppError('unauthenticated', 'This API token is not valid, or was revoked.', {
          hint: 'Make another token under your account.',
        });
      const { token, user } = found;
      const now = clock.now();
      if (token.expiresAt !== null && token.expiresAt <= isoTime(now))
        throw new AppError('token_expired', 'This API token has expired.', {
          hint: 'Make another token under your account.',
        });
      if (token.lastUsedAt === null || now - Date.parse(token.lastUsedAt) > TOUCH_INTERVAL_MS)
        await store.touch(token.id, isoTime(now));
      return {
        user: presentUser(user),
        sessionId: null,
        apiToken: { id: token.id, scopes: scopesOf(token) },
      };
    },

    /** Whose token it is, while it is good; null when it is over. Asked again and again by open streams. */
    async personOf(id: string): Promise<User | null> {
      const row = await store.findPerson(id, isoTime(clock.now()));
      return row === undefined ? null : presentUser(row);
    },
  };
}

function scopesOf(row: ApiTokenTable): Scope[] {
  return storedScopes.parse(JSON.parse(row.scopes));
}

/** `time` as it is stored, so that times compare as texts. */
function inFuture(time: string, nowMs: number): string {
  const at = Date.parse(time);
  if (!(at > nowMs))
    throw new AppError('invalid_request', 'The token would have expired already.', {
      hint: 'Give a time in the future, or leave "expiresAt" out for a token that works until it is revoked.',
      details: [{ path: 'expiresAt', message: 'must be in the future' }],
    });
  return isoTime(at);
}

function present(row: ApiTokenTable): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scopes: scopesOf(row),
    createdAt: row.createdAt,
    lastUsedAt: row.lastUsedAt,
    expiresAt: row.expiresAt,
  };
}
