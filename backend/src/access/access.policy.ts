// Who may, as pure functions: the ladder of roles, and what a grant or an invite may do to them.
import type { Role } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';

const rank: Record<Role, number> = { viewer: 1, admin: 2, owner: 3 };

/** Does `held` include all that `needed` may do? */
export function includesRole(held: Role, needed: Role): boolean {
  return rank[held] >= rank[needed];
}

/** May this member's role be changed or taken away? Ownership moves by transfer alone, so that a server never is without an owner. */
export function mayBeChanged(held: Role): boolean {
  return held !== 'owner';
}

/** Would `offered` give more than what is held? null: nothing is held. */
export function raises(held: Role | null, offered: Role): boolean {
  return held === null || !includesRole(held, offered);
}

/**
 * Can somebody with this id sign in one day? Ids of people outside Telegram are made at their first sign-in.
 * Telegram's ids have at most 52 significant bits: https://core.telegram.org/bots/api#user
 */
export function isTelegramId(userId: string): boolean {
  return /^[1-9]\d{0,15}$/.test(userId);
}

/** @param who the beginning of the sentence: "You own" */
export function ownsTooMany(who: string, mostOwned: number): AppError {
  return new AppError('conflict', `${who} ${mostOwned} servers already, and one person may own no more.`, {
    hint: 'Remove or transfer a server first, or ask a super-admin to raise MAX_SERVERS_PER_USER.',
  });
}
