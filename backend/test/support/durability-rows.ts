// Rows for tests that count what survived.
import type { ServerTable } from '../../src/db/schema.ts';
import { serverRow } from '../../src/db/testing/server-row.ts';
import type { UserProfile } from '../../src/users/users.store.ts';

/** @param text fills the first name, to make a row as large as a test needs it */
export function rowOfUser(id: string, text = 'Ada 🦞'): UserProfile {
  return { id, username: null, firstName: text, lastName: null, photoUrl: null, languageCode: null };
}

export function rowOfServer(id: string): ServerTable {
  return serverRow(id, { tags: '["🦞"]' });
}
