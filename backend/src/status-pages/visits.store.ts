// SQL for what visitors of a status page see: only servers on which its creator is an admin at this moment.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../db/database.ts';
import type { StatusPageTable } from '../db/schema.ts';

export type VisitedPage = Pick<
  StatusPageTable,
  'id' | 'createdBy' | 'title' | 'tag' | 'serverIds' | 'numbered' | 'showHistory' | 'expiresAt' | 'lastSeenAt'
>;

/** A server of a page, with what the last check of it has seen. */
export type ServerOnPage = {
  id: string;
  name: string;
  createdAt: string;
  state: string;
  since: string;
  checkedAt: string | null;
};

export type WindowOnPage = { serverId: string; startsAt: string; endsAt: string };

const texts = z.array(z.string());

export type VisitStore = ReturnType<typeof createVisitStore>;

export function createVisitStore(db: Db) {
  return {
    /** One query for every link that does not work, so that none takes another time: unknown, replaced, expired, or of a disabled person. */
    async findOpen(tokenHash: string, now: string): Promise<VisitedPage | undefined> {
      return db
        .selectFrom('statusPages')
        .innerJoin('users', 'users.id', 'statusPages.createdBy')
        .select([
          'statusPages.id',
          'statusPages.createdBy',
          'statusPages.title',
          'statusPages.tag',
          'statusPages.serverIds',
          'statusPages.numbered',
          'statusPages.showHistory',
          'statusPages.expiresAt',
          'statusPages.lastSeenAt',
        ])
        .where('statusPages.tokenHash', '=', tokenHash)
        .where('users.disabledAt', 'is', null)
        .where((e) => e.or([e('statusPages.expiresAt', 'is', null), e('statusPages.expiresAt', '>', now)]))
        .executeTakeFirst();
    },

    /** By name. */
    async serversOn({
      createdBy,
      tag,
      serverIds,
    }: Pick<VisitedPage, 'createdBy' | 'tag' | 'serverIds'>): Promise<ServerOnPage[]> {
      const ids = serverIds === null ? [] : texts.parse(JSON.parse(serverIds));
      if (tag === null && ids.length === 0) return [];
      const rows = await db
        .selectFrom('servers')
        .innerJoin('grants', 'grants.serverId', 'servers.id')
        .innerJoin('serverStatuses', 'serverStatuses.serverId', 'servers.id')
        .select([
          'servers.id',
          'servers.name',
          'servers.tags',
          'servers.createdAt',
          'serverStatuses.state',
          'serverStatuses.since',
          'serverStatuses.checkedAt',
        ])
        .where('grants.userId', '=', createdBy)
        .where('grants.role', 'in', ['owner', 'admin'])
        .$if(tag === null, (query) => query.where('servers.id', 'in', ids))
        // Fewer rows to read; letters of the other case are sorted out below.
        .$if(tag !== null, (query) =>
          query.where(sql<boolean>`${sql.ref('servers.tags')} like ${containing(tag ?? '')} escape '\\'`),
        )
        .orderBy('servers.name')
        .orderBy('servers.id')
        .execute();
      return rows
        .filter(({ tags }) => tag === null || texts.parse(JSON.parse(tags)).includes(tag))
        .map(({ tags: _, ...server }) => server);
    },

    /** Maintenance windows that are not over, and have begun by `until`; the first to begin first. */
    async windowsOf(
      serverIds: readonly string[],
      { now, until, limit }: { now: string; until: string; limit: number },
    ): Promise<WindowOnPage[]> {
      if (serverIds.length === 0) return [];
      return db
        .selectFrom('maintenanceWindows')
        .select(['serverId', 'startsAt', 'endsAt'])
        .where('serverId', 'in', serverIds)
        .where('removedAt', 'is', null)
        .where('endsAt', '>', now)
        .where('startsAt', '<=', until)
        .orderBy('startsAt')
        .orderBy('id')
        .limit(limit)
        .execute();
    },

    async noteSeen(id: string, now: string): Promise<void> {
      await db.updateTable('statusPages').set({ lastSeenAt: now }).where('id', '=', id).execute();
    },
  };
}

/** A pattern for a JSON list that may have this tag. */
function containing(tag: string): string {
  return `%${JSON.stringify(tag).replace(/[\\%_]/g, '\\$&')}%`;
}
