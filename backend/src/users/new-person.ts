// A person who comes to this Buoy without Telegram.
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
    createdAt: person.createdAt,
  };
}
