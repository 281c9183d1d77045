// SQL for sessions: a token lives only as long as its row here says so.
import { type AlsoWrite, withAlso } from '../db/also-write.ts';
import type { Db } from '../db/database.ts';
import type { SessionTable, UserTable } from '../db/schema.ts';

export type SessionWithUser = { session: SessionTable; user: UserTable };

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore(db: Db) {
  const live = (now: string) =>
    db.selectFrom('sessions').where('sessions.revokedAt', 'is', null).where('sessions.expiresAt', '>', now);

  return {
    async insert(session: SessionTable, also?: AlsoWrite): Promise<void> {
      await withAlso(db, also, (trx) => trx.insertInto('sessions').values(session).execute());
    },

    /** The session and its person, while it is neither revoked nor expired. */
    async findLive(id: string, now: string): Promise<SessionWithUser | undefined> {
      const session = await live(now).selectAll('sessions').where('sessions.id', '=', id).executeTakeFirst();
      if (session === undefined) return undefined;
      const user = await db
        .selectFrom('users')
        .selectAll()
        .where('id', '=', session.userId)
        .executeTakeFirstOrThrow();
      return { session, user };
    },

    async listLive(userId: string, now: string): Promise<SessionTable[]> {
      return live(now)
        .selectAll('sessions')
        .where('sessions.userId', '=', userId)
        .orderBy('sessions.lastUsedAt', 'desc')
        .orderBy('sessions.id')
        .execute();
    },

    async touch(id: string, now: string): Promise<void> {
      await db.updateTable('sessions').set({ lastUsedAt: now }).where('id', '=', id).execute();
    },

    /** A new refresh secret in place of the old one; false when the old one is not the stored one. */
    async renew(
      id: string,
      oldHash: string,
      renewed: Pick<SessionTable, 'refreshHash' | 'expiresAt' | 'lastUsedAt'>,
      also?: AlsoWrite,
    ): Promise<boolean> {
      return withAlso(db, also, async (trx) => {
        const result = await trx
          .updateTable('sessions')
          .set(renewed)
          .where('id', '=', id)
          .where('refreshHash', '=', oldHash)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
    },

    /** False when that person has no such live session. */
    async revoke(id: string, userId: string, now: string, also?: AlsoWrite): Promise<boolean> {
      return withAlso(db, also, async (trx) => {
        const result = await trx
          .updateTable('sessions')
          .set({ revokedAt: now })
          .where('id', '=', id)
          .where('userId', '=', userId)
          .where('revokedAt', 'is', null)
          .where('expiresAt', '>', now)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
    },
  };
}
