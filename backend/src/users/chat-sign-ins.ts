// Calls of people who write to the bot: Telegram has proved who they are, and for as long as a message is answered that counts as a sign-in.
import type { Scope, User } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { newSecret } from '../lib/ids.ts';
import { accountDisabled } from './account-disabled.ts';
import { type Caller, CHAT_ID_PREFIX } from './caller.ts';
import type { UserPresenter } from './user.presenter.ts';

/** Tells such a token from others. */
export const CHAT_TOKEN_PREFIX = 'chat_';
/** As an API token with it: servers are looked after, access and secrets are not. A chat may be open on a phone that somebody else holds. */
const SCOPES: readonly Scope[] = ['operate'];

export type ChatSignIns = ReturnType<typeof createChatSignIns>;

export function createChatSignIns(parts: {
  users: { find(id: string): Promise<UserTable | undefined> };
  presentUser: UserPresenter;
}) {
  const { users, presentUser } = parts;
  /** Whom each token stands for; it never leaves this process. */
  const open = new Map<string, string>();

  const personOf = async (userId: string): Promise<User | null> => {
    const row = await users.find(userId);
    return row === undefined || row.disabledAt !== null ? null : presentUser(row);
  };

  return {
    /** A token for as long as `work` takes. Telegram's ids of people are their ids in Buoy. */
    async during<T>(userId: string, work: (token: string) => Promise<T>): Promise<T> {
      const token = `${CHAT_TOKEN_PREFIX}${newSecret()}`;
      open.set(token, userId);
      try {
        return await work(token);
      } finally {
        open.delete(token);
      }
    },

    /** Who brings this token. @throws AppError 401 with the reason */
    async authenticate(token: string): Promise<Caller> {
      const userId = open.get(token);
      const row = userId === undefined ? undefined : await users.find(userId);
      if (row === undefined)
        throw new AppError('unauthenticated', 'Buoy does not know you yet.', {
          hint: 'Open the app and sign in.',
        });
      if (row.disabledAt !== null) throw accountDisabled();
      // The same for all calls of that person: limits count them together.
      return {
        user: presentUser(row),
        sessionId: null,
        apiToken: { id: `${CHAT_ID_PREFIX}${row.id}`, scopes: SCOPES },
      };
    },

    /** Whether somebody with that id in Telegram may use this Buoy now. */
    isAdmitted: async (userId: string): Promise<boolean> => (await personOf(userId))?.approved === true,

    /** Whether such a token was brought. */
    brought: (apiTokenId: string): boolean => apiTokenId.startsWith(CHAT_ID_PREFIX),

    /** The person as they are now; null when they may not go on. */
    personOf: (apiTokenId: string): Promise<User | null> => personOf(apiTokenId.slice(CHAT_ID_PREFIX.length)),
  };
}
