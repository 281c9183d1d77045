// SQL for grants: who may do what on which server.
import type { Db } from '../db/database.ts';

export type AccessStore = ReturnType<typeof createAccessStore>;

export function createAccessStore(db: Db) {
  return {
    async serverExists(serverId: string): Promise<boolean> {
      return (
        (await db.selectFrom('servers').select('id').where('id', '=', serverId).executeTakeFirst()) !==
        undefined
      );
    },

    async findRole(serverId: string, userId: string): Promise<string | undefined> {
      const grant = await db
        .selectFrom('grants')
        .select('role')
        .where('serverId', '=', serverId)
        .where('userId', '=', userId)
        .executeTakeFirst();
      return grant?.role;
    },

    async listServerIds(userId: string): Promise<string[]> {
      const grants = await db.selectFrom('grants').select('serverId').where('userId', '=', userId).execute();
      return grants.map((grant) => grant.serverId);
    },
  };
}
