// Which servers a call by tag is about. Stores alone use it.
import { z } from 'zod';
import type { Db } from './database.ts';

/** One server, or all with a tag that a person is an admin of; `adminId` null: of a super-admin. */
export type ServerScope = { serverId: string } | { tag: string; adminId: string | null };

export type ScopedServer = { id: string; name: string; tags: readonly string[] };

export const tagList = z.array(z.string());

/** By their ids. */
export async function serversInScope(trx: Db, scope: ServerScope): Promise<ScopedServer[]> {
  const servers = trx.selectFrom('servers').select(['id', 'name', 'tags']);
  if ('serverId' in scope) {
    const found = await servers.where('id', '=', scope.serverId).execute();
    return found.map(withTags);
  }
  const { tag, adminId } = scope;
  const rows = await servers
    .where('tags', '!=', '[]')
    .$if(adminId !== null, (query) =>
      query.where((e) =>
        e.exists(
          e
            .selectFrom('grants')
            .select('grants.serverId')
            .whereRef('grants.serverId', '=', 'servers.id')
            .where('grants.userId', '=', adminId)
            .where('grants.role', 'in', ['owner', 'admin']),
        ),
      ),
    )
    .orderBy('id')
    .execute();
  return rows.map(withTags).filter(({ tags }) => tags.includes(tag));
}

function withTags({ id, name, tags }: { id: string; name: string; tags: string }): ScopedServer {
  return { id, name, tags: tagList.parse(JSON.parse(tags)) };
}
