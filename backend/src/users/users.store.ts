// SQL for people.
import type { Db } from '../db/database.ts';
import { cursorAfter, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { UserTable } from '../db/schema.ts';

export type UserProfile = Omit<UserTable, 'isSuperAdmin' | 'createdAt'>;

/** `servers`: how many servers this person has a grant on. */
export type KnownUser = UserTable & { lastSeenAt: string | null; servers: number };

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

    /** Everybody, the newest first. @throws AppError `invalid_request` for a cursor that is none */
    async page({
      limit,
      cursor,
    }: {
      limit: number;
      cursor?: string | undefined;
    }): Promise<{ users: KnownUser[]; nextCursor: string | null }> {
      const after = cursor === undefined ? null : parseCursor(cursor);
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .select((e) => [
          e
            .selectFrom('sessions')
            .whereRef('sessions.userId', '=', 'users.id')
            .select(({ fn }) => fn.max('sessions.lastUsedAt').as('at'))
            .as('sessionUsedAt'),
          e
            .selectFrom('apiTokens')
            .whereRef('apiTokens.userId', '=', 'users.id')
            .select(({ fn }) => fn.max('apiTokens.lastUsedAt').as('at'))
            .as('tokenUsedAt'),
          e
            .selectFrom('grants')
            .whereRef('grants.userId', '=', 'users.id')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .as('servers'),
        ])
        .$if(after !== null, (query) =>
          query.where((e) =>
            e.or([
              e('createdAt', '<', after!.createdAt),
              e.and([e('createdAt', '=', after!.createdAt), e('id', '<', after!.id)]),
            ]),
          ),
        )
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const { page, nextCursor } = pageOf(rows, limit, cursorAfter);
      const users = page.map(({ sessionUsedAt, tokenUsedAt, servers, ...user }) => ({
        ...user,
        // Times of this form sort as text.
        lastSeenAt:
          [sessionUsedAt, tokenUsedAt]
            .filter((at) => at !== null)
            .sort()
            .at(-1) ?? null,
        servers: servers ?? 0,
      }));
      return { users, nextCursor };
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
