// SQL for the revisions of each server's config. They contain no secrets: these were masked before.
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { OpenclawConfigRevisionTable } from '../../db/schema.ts';

export type RevisionRow = OpenclawConfigRevisionTable;
export type NewRevision = Omit<RevisionRow, 'rev'>;

/** Revisions of one server, and characters of their configs altogether; the oldest go, the newest one always stays. */
const MAX_KEPT = { revisions: 200, length: 16 * 1024 * 1024 };

export type RevisionStore = ReturnType<typeof createRevisionStore>;

export function createRevisionStore(db: Db) {
  const ofServer = (serverId: string) =>
    db.selectFrom('openclawConfigRevisions').selectAll().where('serverId', '=', serverId);

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
          .values({ ...revision, rev })
          .execute();
        const { oldest } = await trx
          .selectFrom((eb) =>
            eb
              .selectFrom('openclawConfigRevisions')
              .select((of) => [
                'rev',
                sql<number>`sum(coalesce(length(${of.ref('config')}), 0)) over (order by ${of.ref('rev')} desc)`.as(
                  'total',
                ),
              ])
              .where('serverId', '=', revision.serverId)
              .as('kept'),
          )
          .select((eb) => eb.fn.min('rev').as('oldest'))
          .where((eb) => eb.or([eb('rev', '=', rev), eb('total', '<=', MAX_KEPT.length)]))
          .executeTakeFirstOrThrow();
        await trx
          .deleteFrom('openclawConfigRevisions')
          .where('serverId', '=', revision.serverId)
          .where('rev', '<', Math.max(oldest, rev - MAX_KEPT.revisions + 1))
          .execute();
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
