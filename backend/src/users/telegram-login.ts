// “Log in with Telegram” in a browser: OpenID Connect with PKCE. What proves that the same browser begins and finishes is derived from one
// secret in its cookie; Buoy keeps the hash of it, until it is used once.
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newSecret, sha256 } from '../lib/ids.ts';
import { publicBase, telegramReturnUrl } from '../lib/urls.ts';
import type { TelegramProvider } from '../telegram/login-provider.ts';
import { proofFrom } from './browser-proof.ts';
import type { ClientInfo } from './caller.ts';
import type { SignedIn, SignIn } from './sign-in.ts';
import type { TelegramLoginStore } from './telegram-login.store.ts';

/** As long as the cookie lives: time enough to find the phone on which Telegram asks. */
const LIFE_MS = 600_000;

export type TelegramLogins = ReturnType<typeof createTelegramLogins>;

/**
 * @param parts.provider null: not set up on this Buoy
 * @param parts.appDomain the public host name, null where there is none
 */
export function createTelegramLogins(parts: {
  store: TelegramLoginStore;
  provider: TelegramProvider | null;
  signIn: Pick<SignIn, 'byTelegramLogin'>;
  appDomain: string | null;
  clock: Clock;
}) {
  const { store, provider, signIn, appDomain, clock } = parts;

  const setUp = (): TelegramProvider => {
    if (provider === null)
      throw new AppError('sign_in_failed', '“Log in with Telegram” is not set up on this Buoy.', {
        hint: 'Set TELEGRAM_OIDC_CLIENT_ID and TELEGRAM_OIDC_CLIENT_SECRET, or sign in with a one-time link.',
      });
    return provider;
  };
  const returnUrl = (origin: string): string => telegramReturnUrl(publicBase(appDomain, origin));

  return {
    isSetUp: provider !== null,

    /**
     * @param origin what the browser calls this Buoy, for where no public name is set
     * @returns the page of Telegram to go to, and the secret for the cookie of the browser that goes there
     * @throws AppError 401 when it is not set up
     */
    async begin(origin: string): Promise<{ url: string; secret: string }> {
      const { authorizationUrl } = setUp();
      const secret = newSecret();
      const now = clock.now();
      await store.forgetExpired(isoTime(now));
      await store.insert({ secretHash: sha256(secret), expiresAt: isoTime(now + LIFE_MS) });
      const { state, nonce, verifier } = proofFrom(secret);
      return { url: authorizationUrl({ redirectUri: returnUrl(origin), state, nonce, verifier }), secret };
    },

    /**
     * @param proof `code` and `state` as Telegram has sent the browser back with, `secret` of its cookie
     * @throws AppError 401 when another browser began it, it was used, is too old, or Telegram does not confirm it
     */
    async finish(
      { code, state, secret }: { code: string; state: string; secret: string | null },
      { client, origin, signal }: { client: ClientInfo; origin: string; signal: AbortSignal },
      audit?: AuditRecorder,
    ): Promise<SignedIn> {
      const { identify } = setUp();
      if (secret === null) throw over();
      const derived = proofFrom(secret);
      // Hashes are compared, so that the time it takes tells nothing of the state.
      if (sha256(state) !== sha256(derived.state)) throw over();
      if (!(await store.take(sha256(secret), isoTime(clock.now())))) throw over();
      const person = await identify(
        { code, redirectUri: returnUrl(origin), nonce: derived.nonce, verifier: derived.verifier },
        signal,
      );
      return signIn.byTelegramLogin(person, client, audit);
    },
  };
}

function over(): AppError {
  return new AppError(
    'sign_in_failed',
    'This sign-in with Telegram has ended: it was used, has expired or was started in another browser.',
    { hint: 'Start again on the sign-in page.' },
  );
}
