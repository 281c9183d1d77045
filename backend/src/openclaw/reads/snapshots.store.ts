// SQL for snapshots: the last read of a server's OpenClaw, shown with its age while the server is unreachable.
import type { Db } from '../../db/database.ts';

/** UTF-16 units of JSON; more is not kept for later. */
export const MAX_SNAPSHOT_LENGTH = 512 * 1024;

export type Snapshot = {
  /** As it was put; the reader parses it, since an older Buoy may have written it. */
  payload: unknown;
  /** ISO 8601 UTC. */
  observedAt: string;
};

export type SnapshotStore = ReturnType<typeof createSnapshotStore>;

export function createSnapshotStore(db: Db) {
  return {
    /** Replaces the snapshot of that kind. One that is too long, or of a deleted server, is ignored. */
    async put(serverId: string, kind: string, payload: unknown, observedAt: string): Promise<void> {
      const text = JSON.stringify(payload);
      if (text.length > MAX_SNAPSHOT_LENGTH) return;
      await db
        .insertInto('openclawSnapshots')
        .columns(['serverId', 'kind', 'payload', 'observedAt'])
        .expression((from) =>
          from
            .selectFrom('servers')
            .where('id', '=', serverId)
            .select((eb) => [
              'id',
              eb.cast<string>(eb.val(kind), 'text').as('kind'),
              eb.cast<string>(eb.val(text), 'text').as('payload'),
              eb.cast<string>(eb.val(observedAt), 'text').as('observedAt'),
            ]),
        )
        .onConflict((conflict) =>
          conflict.columns(['serverId', 'kind']).doUpdateSet({ payload: text, observedAt }),
        )
        .execute();
    },

    async find(serverId: string, kind: string): Promise<Snapshot | null> {
      const row = await db
        .selectFrom('openclawSnapshots')
        .select(['payload', 'observedAt'])
        .where('serverId', '=', serverId)
        .where('kind', '=', kind)
        .executeTakeFirst();
      return row === undefined
        ? null
        : { payload: JSON.parse(row.payload) as unknown, observedAt: row.observedAt };
    },
  };
}
