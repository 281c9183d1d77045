// SQL for the revisions of each server's config. They contain no secrets: these were masked before.
import type { Db } from '../../db/database.ts';
import type { OpenclawConfigRevisionTable } from '../../db/schema.ts';
import { removeOldRevisions } from './revision-retention.store.ts';

export type RevisionRow = Omit<OpenclawConfigRevisionTable, 'bytes'>;
export type NewRevision = Omit<RevisionRow, 'rev'>;

const columns = [
  ...(['serverId', 'rev', 'at', 'userId', 'origin', 'note'] as const),
  ...(['hash', 'problem', 'config', 'changedPaths'] as const),
] satisfies Array<keyof RevisionRow>;

export type RevisionStore = ReturnType<typeof createRevisionStore>;

export function createRevisionStore(db: Db) {
  const ofServer = (serverId: string) =>
    db.selectFrom('openclawConfigRevisions').select(columns).where('serverId', '=', serverId);

  return {
    /** Appends a revision and returns its number; null when the server was deleted in the meantime. */
    async add(revision: NewRevision): Promise<number | null> {
      return db.transaction().execute(async (trx) => {
        // Holds the row, so that two replicas of Buoy do not give out the same number.
        const { numUpdatedRows } = await trx
          .updateTable('servers')
          .set((eb) => ({ version: eb.ref('version') }))
          .where('id', '=', revision.serverId)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return null;
        const last = await trx
          .selectFrom('openclawConfigRevisions')
          .select('rev')
          .where('serverId', '=', revision.serverId)
          .orderBy('rev', 'desc')
          .limit(1)
          .executeTakeFirst();
        const rev = (last?.rev ?? 0) + 1;
        await trx
          .insertInto('openclawConfigRevisions')
          .values({ ...revision, rev, bytes: bytesOf(revision) })
          .execute();
        await removeOldRevisions(trx, revision.serverId, rev);
        return rev;
      });
    },

    latest: async (serverId: string): Promise<RevisionRow | null> =>
      (await ofServer(serverId).orderBy('rev', 'desc').limit(1).executeTakeFirst()) ?? null,

    find: async (serverId: string, rev: number): Promise<RevisionRow | null> =>
      (await ofServer(serverId).where('rev', '=', rev).executeTakeFirst()) ?? null,

    /** The last revision of a file that OpenClaw took, up to `rev`. */
    readable: async (serverId: string, rev: number): Promise<RevisionRow | null> =>
      (await ofServer(serverId)
        .where('rev', '<=', rev)
        .where('config', 'is not', null)
        .orderBy('rev', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,

    /** The last one with that hash that can be read. */
    withHash: async (serverId: string, hash: string): Promise<RevisionRow | null> =>
      (await ofServer(serverId)
        .where('hash', '=', hash)
        .where('config', 'is not', null)
        .orderBy('rev', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,

    /** Newest first, older than `before`. */
    list: (serverId: string, before: number | null, limit: number): Promise<RevisionRow[]> =>
      ofServer(serverId)
        .$if(before !== null, (query) => query.where('rev', '<', before!))
        .orderBy('rev', 'desc')
        .limit(limit)
        .execute(),
  };
}

function bytesOf({ note, hash, problem, config, changedPaths }: NewRevision): number {
  return [note, hash, problem, config, changedPaths].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    0,
  );
}
