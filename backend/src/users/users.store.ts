// SQL for people.
import type { Db } from '../db/database.ts';
import type { UserTable } from '../db/schema.ts';

export type UserProfile = Omit<UserTable, 'isSuperAdmin' | 'createdAt'>;

export type UserStore = ReturnType<typeof createUserStore>;

export function createUserStore(db: Db) {
  return {
    /** Inserts the person or brings the profile up to date; the first `createdAt` stays. */
    async upsert(profile: UserProfile, now: string): Promise<UserTable> {
      const { id, ...changing } = profile;
      return db
        .insertInto('users')
        .values({ ...profile, isSuperAdmin: 0, createdAt: now })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
        .returningAll()
        .executeTakeFirstOrThrow();
    },

    async find(id: string): Promise<UserTable | undefined> {
      return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
    },

    async isEmpty(): Promise<boolean> {
      return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;
    },

    /** The oldest super-admin made by a link. */
    async firstSuperAdmin(): Promise<UserTable | undefined> {
      return db
        .selectFrom('users')
        .selectAll()
        .where('isSuperAdmin', '=', 1)
        .orderBy('createdAt')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
    },
  };
}
