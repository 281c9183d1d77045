// Signing in through a company's OpenID provider, in a browser: begun and finished in the same one, once.
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newSecret, sha256 } from '../lib/ids.ts';
import { oidcReturnUrl, publicBase } from '../lib/urls.ts';
import type { OidcProvider } from '../oidc/provider.ts';
import { proofFrom } from './browser-proof.ts';
import type { ClientInfo } from './caller.ts';
import { newPerson } from './new-person.ts';
import type { OidcIdentityStore } from './oidc-identities.store.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import type { ChallengeStore } from './sign-in-challenges.store.ts';

/** As long as the cookie lives: time enough for a password and a second factor. */
const LIFE_MS = 600_000;
/** Of a person whose provider tells no name. */
const NAMELESS = 'Unnamed';

export type OidcLogins = ReturnType<typeof createOidcLogins>;

/**
 * @param parts.provider null: not set up on this Buoy
 * @param parts.appDomain the public host name, null where there is none
 */
export function createOidcLogins(parts: {
  challenges: ChallengeStore;
  identities: OidcIdentityStore;
  provider: OidcProvider | null;
  signIn: Pick<SignIn, 'byOidc'>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { challenges, identities, provider, signIn, appDomain, clock } = parts;

  const setUp = (): OidcProvider => {
    if (provider === null)
      throw new AppError('sign_in_failed', 'No sign-in provider is set up on this Buoy.', {
        hint: 'Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or sign in another way.',
      });
    return provider;
  };
  const returnUrl = (origin: string): string => oidcReturnUrl(publicBase(appDomain, origin));
  const challengeOf = (secret: string) => ({ hash: sha256(secret), purpose: 'oidc', userId: null }) as const;

  return {
    isSetUp: provider !== null,

    /**
     * @param origin what the browser calls this Buoy, for where no public name is set
     * @returns the page of the provider to go to, and the secret for the cookie of the browser that goes there
     * @throws AppError 401 when it is not set up, or the provider does not answer
     */
    async begin(origin: string): Promise<{ url: string; secret: string }> {
      const { authorizationUrl } = setUp();
      const secret = newSecret();
      const url = await authorizationUrl({ redirectUri: returnUrl(origin), ...proofFrom(secret) });
      const now = clock.now();
      await challenges.insert({ ...challengeOf(secret), expiresAt: isoTime(now + LIFE_MS) }, isoTime(now));
      return { url, secret };
    },

    /**
     * @param proof `code`, `state` and `iss` as the provider has sent the browser back with, `secret` of its cookie
     * @throws AppError 401 when another browser began it, it was used, is too old, or the provider does not confirm it
     */
    async finish(
      proof: { code: string; state: string; iss?: string | undefined; secret: string | null },
      { client, origin, signal }: { client: ClientInfo; origin: string; signal: AbortSignal },
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const { identify } = setUp();
      const { code, state, iss: issuer, secret } = proof;
      if (secret === null) throw over();
      const derived = proofFrom(secret);
      // Hashes are compared, so that the time it takes tells nothing of the state.
      if (sha256(state) !== sha256(derived.state)) throw over();
      if (!(await challenges.take(challengeOf(secret), isoTime(clock.now())))) throw over();
      const login = { code, issuer, redirectUri: returnUrl(origin), ...derived };
      const person = await identify(login, signal);
      const row = await identities.findOrInsert(
        person,
        newPerson({ name: person.name ?? NAMELESS, approvedAt: null, createdAt: isoTime(clock.now()) }),
      );
      return signIn.byOidc(row, client, audit);
    },
  };
}

function over(): AppError {
  return new AppError(
    'sign_in_failed',
    'This sign-in has ended: it was used, has expired or was started in another browser.',
    { hint: 'Start again on the sign-in page.' },
  );
}
