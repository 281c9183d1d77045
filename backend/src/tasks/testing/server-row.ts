// The one row that a task of a server needs in tests of this folder.
import type { Db } from '../../db/database.ts';

/** Stores a server with this id and nothing of interest. */
export async function insertServer(db: Db, id: string): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  await db
    .insertInto('servers')
    .values({
      id,
      name: id,
      host: '127.0.0.1',
      port: 22,
      username: 'deploy',
      authType: 'key',
      credential: '',
      tags: '[]',
      jumpServerId: null,
      hostKeyAlgorithm: null,
      hostKeyFingerprint: null,
      hostKeyPinnedAt: null,
      offeredKeyAlgorithm: null,
      offeredKeyFingerprint: null,
      version: 1,
      createdBy: 'u_1',
      createdAt: at,
      updatedAt: at,
    })
    .execute();
}
