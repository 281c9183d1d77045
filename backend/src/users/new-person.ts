// Rows of people who come to this Buoy without Telegram.
import type { UserTable } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';

/** @param approvedAt null: not approved yet */
export function newPerson(person: { name: string; approvedAt: string | null; createdAt: string }): UserTable {
  return {
    id: newId('u'),
    username: null,
    firstName: person.name.trim(),
    lastName: null,
    photoUrl: null,
    languageCode: null,
    displayName: null,
    isSuperAdmin: 0,
    approvedAt: person.approvedAt,
    disabledAt: null,
    mayAddServers: 1,
    invitedBy: null,
    createdAt: person.createdAt,
  };
}

/**
 * A person whom an invite of `invitedBy` lets in. They may add no servers until a super-admin allows it: a server is what invites are
 * made for, so guests cannot make further guests.
 */
export function newGuest(guest: { name: string; invitedBy: string; createdAt: string }): UserTable {
  const { name, invitedBy, createdAt } = guest;
  return { ...newPerson({ name, approvedAt: createdAt, createdAt }), mayAddServers: 0, invitedBy };
}
