// Authenticates session tokens and API tokens.
import { API_TOKEN_PREFIX, type ApiTokens } from './api-tokens.ts';
import type { Caller } from './caller.ts';
import type { SignIn } from './sign-in.ts';

export function createAuthentication({
  signIn,
  apiTokens,
}: {
  signIn: Pick<SignIn, 'authenticate' | 'personIn'>;
  apiTokens: Pick<ApiTokens, 'authenticate' | 'personOf'>;
}) {
  return {
    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(token: string): Promise<Caller> {
      return token.startsWith(API_TOKEN_PREFIX) ? apiTokens.authenticate(token) : signIn.authenticate(token);
    },

    /** The caller with the person as they are now; null when what they brought is over. Asked again and again by open streams. */
    async current(caller: Caller): Promise<Caller | null> {
      const { apiToken, sessionId } = caller;
      const user =
        apiToken !== null
          ? await apiTokens.personOf(apiToken.id)
          : sessionId !== null
            ? await signIn.personIn(sessionId)
            : null;
      return user === null ? null : { ...caller, user };
    },
  };
}
