// SQL for servers, their last known state, and the grant that makes the creator an owner.
import { type AlsoWrite, withAlso } from '../db/also-write.ts';
import type { Db } from '../db/database.ts';
import type { ServerStatusTable, ServerTable } from '../db/schema.ts';

export type ServerRow = ServerTable & Omit<ServerStatusTable, 'serverId'>;

export type ServerStore = ReturnType<typeof createServerStore>;

export function createServerStore(db: Db) {
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const rows = () =>
    db
      .selectFrom('servers')
      .innerJoin('serverStatuses', 'serverStatuses.serverId', 'servers.id')
      .selectAll('servers')
      .select([
        'serverStatuses.state',
        'serverStatuses.since',
        'serverStatuses.checkedAt',
        'serverStatuses.reasons',
        'serverStatuses.openclawInstalled',
        'serverStatuses.openclawVersion',
      ]);

  return {
    async find(id: string): Promise<ServerRow | undefined> {
      return rows().where('servers.id', '=', id).executeTakeFirst();
    },

    /** With the caller's role, by name. `userId` null: all servers, as owner. */
    async list(userId: string | null): Promise<Array<ServerRow & { role: string }>> {
      if (userId === null) {
        const all = await rows().orderBy('servers.name').orderBy('servers.id').execute();
        return all.map((row) => ({ ...row, role: 'owner' }));
      }
      return rows()
        .innerJoin('grants', 'grants.serverId', 'servers.id')
        .select('grants.role')
        .where('grants.userId', '=', userId)
        .orderBy('servers.name')
        .orderBy('servers.id')
        .execute();
    },

    /** The server, its unknown state and its owner's grant: all or nothing. */
    async insert(server: ServerTable, also?: AlsoWrite): Promise<void> {
      await withAlso(db, also, async (trx) => {
        await trx.insertInto('servers').values(server).execute();
        await trx
          .insertInto('serverStatuses')
          .values({
            serverId: server.id,
            state: 'unknown',
            since: server.createdAt,
            checkedAt: null,
            reasons: '[]',
            openclawInstalled: null,
            openclawVersion: null,
          })
          .execute();
        await trx
          .insertInto('grants')
          .values({
            serverId: server.id,
            userId: server.createdBy,
            role: 'owner',
            grantedBy: server.createdBy,
            createdAt: server.createdAt,
          })
          .execute();
      });
      changed();
    },

    /** Writes `change` over version `version`; false when the row is at another version by now. */
    async update(
      id: string,
      version: number,
      change: Partial<ServerTable>,
      also?: AlsoWrite,
    ): Promise<boolean> {
      const updated = await withAlso(db, also, async (trx) => {
        const result = await trx
          .updateTable('servers')
          .set({ ...change, version: version + 1 })
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
      if (updated) changed();
      return updated;
    },

    async remove(id: string, also?: AlsoWrite): Promise<void> {
      await withAlso(db, also, (trx) => trx.deleteFrom('servers').where('id', '=', id).execute());
      changed();
    },

    /** Names of the servers that are reached through this one. */
    async listDependents(id: string): Promise<Array<{ id: string; name: string }>> {
      return db
        .selectFrom('servers')
        .select(['id', 'name'])
        .where('jumpServerId', '=', id)
        .orderBy('name')
        .execute();
    },

    /** Pins a first key; false when one is pinned already. */
    async pinFirstHostKey(
      id: string,
      key: { algorithm: string; fingerprint: string },
      now: string,
    ): Promise<boolean> {
      const result = await db
        .updateTable('servers')
        .set({ hostKeyAlgorithm: key.algorithm, hostKeyFingerprint: key.fingerprint, hostKeyPinnedAt: now })
        .where('id', '=', id)
        .where('hostKeyFingerprint', 'is', null)
        .executeTakeFirst();
      const isFirst = result.numUpdatedRows === 1n;
      if (isFirst) changed();
      return isFirst;
    },

    async replaceHostKey(
      id: string,
      key: { algorithm: string; fingerprint: string },
      now: string,
      also?: AlsoWrite,
    ): Promise<void> {
      await withAlso(db, also, (trx) =>
        trx
          .updateTable('servers')
          .set({
            hostKeyAlgorithm: key.algorithm,
            hostKeyFingerprint: key.fingerprint,
            hostKeyPinnedAt: now,
            offeredKeyAlgorithm: null,
            offeredKeyFingerprint: null,
          })
          .where('id', '=', id)
          .execute(),
      );
      changed();
    },

    async noteOfferedKey(id: string, key: { algorithm: string; fingerprint: string }): Promise<void> {
      await db
        .updateTable('servers')
        .set({ offeredKeyAlgorithm: key.algorithm, offeredKeyFingerprint: key.fingerprint })
        .where('id', '=', id)
        .execute();
    },

    /** How many servers there are by their last known state, and how many of those nobody has checked since `staleBefore`. */
    async countByState(
      staleBefore: string,
    ): Promise<Array<{ state: string; servers: number; stale: number }>> {
      return db
        .selectFrom('serverStatuses')
        .select((e) => [
          'state',
          e.fn.countAll<number>().as('servers'),
          e.fn
            .countAll<number>()
            .filterWhere(e.or([e('checkedAt', 'is', null), e('checkedAt', '<', staleBefore)]))
            .as('stale'),
        ])
        .groupBy('state')
        .execute();
    },

    async findStatus(serverId: string): Promise<ServerStatusTable | undefined> {
      return db.selectFrom('serverStatuses').selectAll().where('serverId', '=', serverId).executeTakeFirst();
    },

    async updateStatus(serverId: string, status: Omit<ServerStatusTable, 'serverId'>): Promise<void> {
      await db.updateTable('serverStatuses').set(status).where('serverId', '=', serverId).execute();
      changed();
    },

    /** Calls `listener` after each write of this process that the list of servers shows; the answer ends that. */
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
