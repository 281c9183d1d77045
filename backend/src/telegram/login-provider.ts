// Telegram as the one who proves a person (OpenID Connect): its addresses, the exchange of a code, the check of what it signs.
// Source: https://core.telegram.org/bots/telegram-login#manual-implementation
import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { textWithin } from '../lib/text-within.ts';

/** Milliseconds for each of the two requests; a person waits in front of the page. */
const DEADLINE_MS = 10_000;
/** Bytes; an answer with a token is about two thousand. */
const MAX_ANSWER = 65_536;
/** A token is used at once; what is older was taken from somewhere. */
const MAX_TOKEN_AGE = '10m';
/** Seconds that the clocks may differ. */
const CLOCK_TOLERANCE_S = 60;
/** What BotFather lets one choose from, but for ES256K, which no web platform checks. */
const algorithms = ['RS256', 'ES256', 'EdDSA'];

export type TelegramPerson = {
  /** The number by which bots and Mini Apps know this person too. */
  id: number;
  name: string | null;
  username: string | null;
  photoUrl: string | null;
};

export type TelegramProvider = {
  /** Where the person is asked. */
  authorizationUrl(login: { redirectUri: string; state: string; nonce: string; verifier: string }): string;
  /** Who it was. @throws AppError 401 in words, whatever went wrong */
  identify(
    login: { code: string; redirectUri: string; nonce: string; verifier: string },
    signal: AbortSignal,
  ): Promise<TelegramPerson>;
};

const tokenAnswer = z.object({ id_token: z.string().max(MAX_ANSWER) });
const optionalText = z.string().min(1).max(256).nullish().catch(null);
const claims = z.object({
  id: z.number().int().positive(),
  name: optionalText,
  preferred_username: optionalText,
  picture: z
    .url({ protocol: /^https$/ })
    .max(2_048)
    .nullish()
    .catch(null),
});

/** @param parts.issuer its origin, without a slash at the end */
export function createTelegramProvider(parts: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  clock: Clock;
  deadlineMs?: number;
}): TelegramProvider {
  const { issuer, clientId, clientSecret, clock, deadlineMs = DEADLINE_MS } = parts;
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    timeoutDuration: deadlineMs,
  });

  const exchange = async (
    { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string },
    signal: AbortSignal,
  ): Promise<string> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_id: clientId,
        code_verifier: verifier,
      }),
    });
    const answer = await textWithin(response, MAX_ANSWER);
    // 400 invalid_grant: RFC 6749, 5.2.
    if (response.status >= 400 && response.status < 500) throw notConfirmed(`answer ${response.status}`);
    if (!response.ok) throw new Error(`Telegram answered ${response.status}.`);
    return tokenAnswer.parse(JSON.parse(answer)).id_token;
  };

  const check = async (idToken: string, nonce: string): Promise<TelegramPerson> => {
    const { payload } = await jwtVerify(idToken, keys, {
      algorithms,
      issuer,
      audience: clientId,
      requiredClaims: ['exp', 'iat', 'nonce'],
      maxTokenAge: MAX_TOKEN_AGE,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock.now()),
    });
    if (payload.nonce !== nonce) throw notConfirmed('another nonce');
    return personIn(payload);
  };

  return {
    authorizationUrl({ redirectUri, state, nonce, verifier }) {
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      });
      return `${issuer}/auth?${query}`;
    },
    async identify(login, signal) {
      try {
        return await check(await exchange(login, signal), login.nonce);
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        if (cause instanceof errors.JOSEError && !isSilence(cause)) throw notConfirmed(cause.code, cause);
        throw new AppError('sign_in_failed', 'Telegram gave no valid answer, so you are not signed in.', {
          hint: 'Try again in a minute, or sign in with a one-time link.',
          cause,
        });
      }
    },
  };
}

function personIn(payload: JWTPayload): TelegramPerson {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw notConfirmed('claims', parsed.error);
  const { id, name, preferred_username: username, picture } = parsed.data;
  return { id, name: name ?? null, username: username ?? null, photoUrl: picture ?? null };
}

/** The keys could not be read; that says nothing of the token. */
function isSilence(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';
}

/** @param why for the log: neither the code nor the token is in it */
function notConfirmed(why: string, cause: unknown = why): AppError {
  return new AppError('sign_in_failed', 'Telegram did not confirm this sign-in.', {
    hint: 'Start again on the sign-in page.',
    cause,
  });
}
