// Pure functions for roles: their order, and what a grant or an invite may change.
import type { Role } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';

const rank: Record<Role, number> = { viewer: 1, admin: 2, owner: 3 };

/** Whether the role `held` includes all rights of `needed`. */
export function includesRole(held: Role, needed: Role): boolean {
  return rank[held] >= rank[needed];
}

/** The refusal of a caller whose role on the server is lower than needed. */
export function roleTooLow(needed: Role, held: Role): AppError {
  return new AppError('forbidden', `This requires the role "${needed}" on the server; yours is "${held}".`, {
    hint: 'Ask the owner of the server for a higher role.',
  });
}

/** Whether this member's role can be changed or revoked. Ownership only moves by transfer, so a server always has an owner. */
export function mayBeChanged(held: Role): boolean {
  return held !== 'owner';
}

/** Whether `offered` is higher than the held role; null means no role. */
export function raises(held: Role | null, offered: Role): boolean {
  return held === null || !includesRole(held, offered);
}

/**
 * Whether a person with this id can ever sign in. Ids of people outside Telegram are made at their first sign-in.
 * Telegram's ids have at most 52 significant bits: https://core.telegram.org/bots/api#user
 */
export function isTelegramId(userId: string): boolean {
  return /^[1-9]\d{0,15}$/.test(userId);
}

export function addedTooMany(maxOwned: number): AppError {
  return new AppError(
    'conflict',
    `You have added ${maxOwned} servers already, and one person may add no more.`,
    {
      hint: 'Remove or transfer a server first, or ask a super-admin to raise MAX_SERVERS_PER_USER.',
    },
  );
}

export function wasGivenTooMany(userId: string, maxOwned: number): AppError {
  return new AppError(
    'conflict',
    `"${userId}" owns ${maxOwned} servers that others gave them, and one person may be given no more.`,
    { hint: 'Choose someone else, or ask a super-admin to raise MAX_SERVERS_PER_USER.' },
  );
}

/** Owners invite, and a guest who could invite would make any number of accounts. */
export function mayNotOwn(userId: string): AppError {
  return new AppError(
    'conflict',
    `"${userId}" may not add servers to this Buoy, so cannot become an owner.`,
    {
      hint: 'Ask a super-admin to give that person the right to add servers, or choose someone else.',
    },
  );
}

/** Says no more of the person who invites than that: whoever holds the link reads it. */
export function invitedTooMany(maxGuests: number): AppError {
  return new AppError(
    'conflict',
    `The person who invited you has reached the limit of ${maxGuests} guests.`,
    {
      hint: 'Ask the person who invited you: a super-admin can add you instead, or disable guests who no longer need access.',
    },
  );
}
