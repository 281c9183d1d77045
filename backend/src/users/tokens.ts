// Access tokens: short JWTs that name a user and a session. Whether the session still lives is asked at each call.
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';

const ISSUER = 'buoy';
/** Seconds, from the contract. */
const TOKEN_LIFE_S = 86_400;

const claims = z.object({ sub: z.string(), sid: z.string() });

export type TokenSubject = { userId: string; sessionId: string };

export type Tokens = {
  issue(subject: TokenSubject): Promise<string>;
  /** Throws AppError `token_expired` or `unauthenticated`. */
  verify(token: string): Promise<TokenSubject>;
};

/** @param parts.secrets the first signs; a token that was signed with any of them is good */
export async function createTokens({
  secrets,
  clock,
}: {
  secrets: readonly string[];
  clock: Clock;
}): Promise<Tokens> {
  const keys = await Promise.all(secrets.map(importKey));
  const signingKey = keys[0];
  if (signingKey === undefined) throw new Error('Tokens need at least one secret.');

  /** The payload under the first key that the signature fits; the error of the last one when there is none. */
  const verified = async (token: string): Promise<JWTPayload> => {
    let misfit: unknown;
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience: ISSUER,
          requiredClaims: ['exp', 'sub', 'sid'],
          currentDate: new Date(clock.now()),
        });
        return payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        misfit = error;
      }
    }
    throw misfit;
  };

  return {
    issue({ userId, sessionId }) {
      const now = Math.floor(clock.now() / 1000);
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setIssuedAt(now)
        .setExpirationTime(now + TOKEN_LIFE_S)
        .sign(signingKey);
    },

    async verify(token) {
      try {
        const { sub, sid } = claims.parse(await verified(token));
        return { userId: sub, sessionId: sid };
      } catch (cause) {
        if (cause instanceof errors.JWTExpired)
          throw new AppError('token_expired', 'This token has expired.', { hint: 'Sign in again.', cause });
        throw new AppError('unauthenticated', 'This token is not valid.', { hint: 'Sign in again.', cause });
      }
    },
  };
}

/** Imported once: a raw key costs 40 µs more at every call. */
const importKey = (secret: string) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
