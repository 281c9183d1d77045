// Authenticates session tokens, API tokens, and who writes to the bot.
import { API_TOKEN_PREFIX, type ApiTokens } from './api-tokens.ts';
import type { Caller } from './caller.ts';
import { CHAT_TOKEN_PREFIX, type ChatSignIns } from './chat-sign-ins.ts';
import type { SignIn } from './sign-in.ts';

export function createAuthentication({
  signIn,
  apiTokens,
  chatSignIns,
}: {
  signIn: Pick<SignIn, 'authenticate' | 'personIn'>;
  apiTokens: Pick<ApiTokens, 'authenticate' | 'personOf'>;
  chatSignIns: Pick<ChatSignIns, 'authenticate' | 'brought' | 'personOf'>;
}) {
  return {
    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(token: string): Promise<Caller> {
      if (token.startsWith(API_TOKEN_PREFIX)) return apiTokens.authenticate(token);
      return token.startsWith(CHAT_TOKEN_PREFIX)
        ? chatSignIns.authenticate(token)
        : signIn.authenticate(token);
    },

    /** The caller with the person as they are now; null when what they brought is over. Asked again and again by open streams. */
    async current(caller: Caller): Promise<Caller | null> {
      const { apiToken, sessionId } = caller;
      const personOf = async () => {
        if (apiToken !== null)
          return (chatSignIns.brought(apiToken.id) ? chatSignIns : apiTokens).personOf(apiToken.id);
        return sessionId === null ? null : signIn.personIn(sessionId);
      };
      const user = await personOf();
      return user === null ? null : { ...caller, user };
    },
  };
}
