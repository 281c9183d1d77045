// Rows for tests that count what survived.
import type { ServerTable } from '../../src/db/schema.ts';
import type { UserProfile } from '../../src/users/users.store.ts';

const at = '2026-03-01T10:00:00.000Z';

/** @param text fills the first name, to make a row as large as a test needs it */
export function rowOfUser(id: string, text = 'Ada 🦞'): UserProfile {
  return { id, username: null, firstName: text, lastName: null, photoUrl: null, languageCode: null };
}

export function rowOfServer(id: string): ServerTable {
  return {
    id,
    name: id,
    host: '127.0.0.1',
    port: 22,
    username: 'root',
    authType: 'password',
    credential: 'sealed',
    tags: '["🦞"]',
    jumpServerId: null,
    hostKeyAlgorithm: null,
    hostKeyFingerprint: null,
    hostKeyPinnedAt: null,
    offeredKeyAlgorithm: null,
    offeredKeyFingerprint: null,
    version: 1,
    createdBy: 'ada',
    createdAt: at,
    updatedAt: at,
  };
}
