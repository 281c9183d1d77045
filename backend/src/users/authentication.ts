// Whose token it is: what a person holds who signed in, or what a program was given by one.
import { API_TOKEN_PREFIX, type ApiTokens } from './api-tokens.ts';
import type { Caller } from './caller.ts';
import type { SignIn } from './sign-in.ts';

export function createAuthentication({
  signIn,
  apiTokens,
}: {
  signIn: Pick<SignIn, 'authenticate' | 'isLive'>;
  apiTokens: Pick<ApiTokens, 'authenticate' | 'isLive'>;
}) {
  return {
    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(token: string): Promise<Caller> {
      return token.startsWith(API_TOKEN_PREFIX) ? apiTokens.authenticate(token) : signIn.authenticate(token);
    },

    /** Is what this caller brought still good? Asked again and again by open streams. */
    async isLive(caller: Caller): Promise<boolean> {
      return caller.apiToken === null ? signIn.isLive(caller) : apiTokens.isLive(caller.apiToken.id);
    },
  };
}
