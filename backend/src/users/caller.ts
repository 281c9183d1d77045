// Who calls: a person through a session of theirs, or a program through an API token that the person made for it.
import type { Scope, User } from '@buoy/contract';

export type Caller = {
  user: User;
  /** null: an API token was brought. */
  sessionId: string | null;
  /** null: the person is there in a session. */
  apiToken: { id: string; scopes: readonly Scope[] } | null;
};

/** What ids of sign-ins by a message to the bot begin with. */
export const CHAT_ID_PREFIX = 'telegram:';

/** Whom limits for a person count: a thief of an API token uses up nothing of its person, who is there with a device or writes to the bot. */
export function countedPerson({ user, apiToken }: Caller): string {
  if (apiToken === null) return JSON.stringify([user.id, 'devices']);
  return JSON.stringify([user.id, apiToken.id.startsWith(CHAT_ID_PREFIX) ? 'chat' : 'tokens']);
}

/**
 * Asks for the caller and their rights as they are now: before a change that was long in coming.
 * @throws AppError when they may not go on
 */
export type CallerNow = () => Promise<Caller>;

/** A caller who is there in person. */
export type CallerInPerson = Caller & { sessionId: string };

/** From where: kept with a session so that a person recognises a device. */
export type ClientInfo = { ip: string; userAgent: string | null };
