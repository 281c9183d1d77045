// Sign-in with an OpenID provider: discovery, code exchange, token verification.
// The library is loaded with the first sign-in: who has no provider does not pay for it.
import { createHash } from 'node:crypto';
import type { ClientAuth, Configuration } from 'openid-client';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { textWithin } from '../lib/text-within.ts';

/** Milliseconds for each request; a person waits in front of the page. */
const DEADLINE_MS = 10_000;
/** Bytes of an answer; documents and keys of large providers are some ten thousand. */
const MAX_ANSWER = 524_288;
/** Seconds that the clocks may differ. */
const CLOCK_TOLERANCE_S = 60;
/** Milliseconds for which the provider's description is believed. */
const DESCRIPTION_KEEP_MS = 3_600_000;

export type OidcPerson = {
  issuer: string;
  /** Unique within the issuer, and never given to another person. */
  subject: string;
  name: string | null;
};

export type OidcProvider = {
  /** Where the person is asked. @throws AppError 401 in words when the provider does not answer */
  authorizationUrl(login: {
    redirectUri: string;
    state: string;
    nonce: string;
    verifier: string;
  }): Promise<string>;
  /** Who it was. @throws AppError 401 in words, whatever went wrong */
  identify(
    login: {
      code: string;
      issuer: string | undefined;
      redirectUri: string;
      state: string;
      nonce: string;
      verifier: string;
    },
    signal: AbortSignal,
  ): Promise<OidcPerson>;
};

const optionalText = z.string().trim().min(1).max(256).nullish().catch(null);
const names = z.object({ name: optionalText, preferred_username: optionalText, email: optionalText });

/** @param parts.issuer as the provider writes it, with its path */
export function createOidcProvider(parts: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  deadlineMs?: number;
}): OidcProvider {
  const { issuer, clientId, clientSecret, deadlineMs = DEADLINE_MS } = parts;
  let described: { configuration: Promise<Configuration>; until: number } | null = null;

  const describe = async (): Promise<Configuration> => {
    const library = await import('openid-client');
    // RFC 6749, 2.3.1: Basic where the provider does not say otherwise.
    const authenticate: ClientAuth = (server, ...rest) => {
      const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const way = ways.includes('client_secret_basic') ? library.ClientSecretBasic : library.ClientSecretPost;
      return way(clientSecret)(server, ...rest);
    };
    return library.discovery(
      new URL(issuer),
      clientId,
      { [library.clockTolerance]: CLOCK_TOLERANCE_S },
      authenticate,
      {
        // Signatures are checked as well, not only where the token came from.
        execute: [
          library.enableNonRepudiationChecks,
          ...(issuer.startsWith('http:') ? [library.allowInsecureRequests] : []),
        ],
        timeout: deadlineMs / 1_000,
        [library.customFetch]: async (url, options) => {
          const response = await fetch(url, options as RequestInit);
          const text = await textWithin(response, MAX_ANSWER);
          const body = [204, 304].includes(response.status) ? null : text;
          return new Response(body, { status: response.status, headers: response.headers });
        },
      },
    );
  };

  const configuration = (): Promise<Configuration> => {
    if (described !== null && described.until > performance.now()) return described.configuration;
    const asked = { configuration: describe(), until: performance.now() + DESCRIPTION_KEEP_MS };
    described = asked;
    // What failed is asked for again by the next one.
    asked.configuration.catch(() => {
      if (described === asked) described = null;
    });
    return asked.configuration;
  };

  return {
    async authorizationUrl({ redirectUri, state, nonce, verifier }) {
      const { buildAuthorizationUrl } = await import('openid-client');
      const known = await configuration().catch((cause: unknown) => {
        throw silent(cause);
      });
      return buildAuthorizationUrl(known, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }).href;
    },

    async identify({ code, issuer: sentBy, redirectUri, state, nonce, verifier }, signal) {
      const library = await import('openid-client');
      const known = await configuration().catch((cause: unknown) => {
        throw silent(cause);
      });
      signal.throwIfAborted();
      const returned = new URL(redirectUri);
      returned.searchParams.set('code', code);
      returned.searchParams.set('state', state);
      if (sentBy !== undefined) returned.searchParams.set('iss', sentBy);
      try {
        const tokens = await library.authorizationCodeGrant(known, returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('The provider sent no id token.');
        const named = nameIn(claims) ?? (await nameAtProvider(known, tokens.access_token, claims.sub));
        return { issuer: claims.iss, subject: claims.sub, name: named };
      } catch (cause) {
        throw isSilence(cause) ? silent(cause) : notConfirmed(cause);
      }
    },
  };

  /** Many providers keep the name out of the id token. Without a name the person is let in all the same. */
  async function nameAtProvider(
    known: Configuration,
    accessToken: string,
    subject: string,
  ): Promise<string | null> {
    if (known.serverMetadata().userinfo_endpoint === undefined) return null;
    const { fetchUserInfo } = await import('openid-client');
    return fetchUserInfo(known, accessToken, subject).then(nameIn, () => null);
  }
}

function nameIn(claims: object): string | null {
  const { name, preferred_username: username, email } = names.parse(claims);
  return name ?? username ?? email ?? null;
}

/** Codes of the library for answers that say nothing. */
const unreadable: readonly unknown[] = ['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR'];

/** The provider could not be asked, or did not know what to say; that says nothing of the person. */
function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  // What the library did not find itself, such as a broken connection, has no code.
  const code = 'code' in error ? error.code : undefined;
  const status = 'status' in error ? Number(error.status) : 0;
  return code === undefined || unreadable.includes(code) || status >= 500 || error.cause instanceof Response;
}

function silent(cause: unknown): AppError {
  return new AppError(
    'sign_in_failed',
    'The sign-in provider gave no valid answer, so you are not signed in.',
    { hint: 'Try again in a minute, or sign in another way.', cause },
  );
}

function notConfirmed(cause: unknown): AppError {
  return new AppError('sign_in_failed', 'The sign-in provider did not confirm this sign-in.', {
    hint: 'Start again on the sign-in page.',
    cause,
  });
}
