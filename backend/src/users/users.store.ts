// SQL for people.
import { approvePerson } from '../db/approve-person.ts';
import type { Db } from '../db/database.ts';
import { cursorAfter, type PagePosition, pageOf, parseCursor } from '../db/page-cursor.ts';
import type { UserTable } from '../db/schema.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';

export type UserProfile = Omit<
  UserTable,
  'displayName' | 'isSuperAdmin' | 'approvedAt' | 'disabledAt' | 'mayAddServers' | 'invitedBy' | 'createdAt'
>;

/** `servers`: how many servers this person has a grant on. */
export type KnownUser = UserTable & { lastSeenAt: string | null; servers: number };

export type UserStore = ReturnType<typeof createUserStore>;

/** Rows read before checking whether the page is full. */
const ROWS_AT_ONCE = 201;

export function createUserStore(db: Db) {
  /** A search may read all people: SQLite answers without leaving the event loop. */
  const myTurn = createOneATurn();

  const newestAfter = (after: PagePosition | null, limit: number): Promise<UserTable[]> =>
    db
      .selectFrom('users')
      .selectAll()
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
      .limit(limit)
      .execute();

  const known = async (ids: readonly string[]): Promise<KnownUser[]> => {
    if (ids.length === 0) return [];
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
      .where('id', 'in', ids)
      .execute();
    return rows.map(({ sessionUsedAt, tokenUsedAt, servers, ...user }) => ({
      ...user,
      // Times of this form sort as text.
      lastSeenAt:
        [sessionUsedAt, tokenUsedAt]
          .filter((at) => at !== null)
          .sort()
          .at(-1) ?? null,
      servers: servers ?? 0,
    }));
  };

  return {
    /** Inserts the person or brings the profile up to date; the first `createdAt` stays. */
    async upsert(profile: UserProfile, now: string): Promise<UserTable> {
      const { id, ...changing } = profile;
      return db
        .insertInto('users')
        .values({
          ...profile,
          displayName: null,
          isSuperAdmin: 0,
          approvedAt: null,
          disabledAt: null,
          mayAddServers: 1,
          invitedBy: null,
          createdAt: now,
        })
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

    /** The person with the last use and the number of servers. */
    async findKnown(id: string): Promise<KnownUser | undefined> {
      return (await known([id]))[0];
    },

    /** Approves a person who holds a role on a server already. False when they hold none, or are approved. */
    async approveIfGranted(id: string, now: string): Promise<boolean> {
      const grant = await db
        .selectFrom('grants')
        .select('serverId')
        .where('userId', '=', id)
        .limit(1)
        .executeTakeFirst();
      return grant !== undefined && db.transaction().execute((trx) => approvePerson(trx, id, now));
    },

    /**
     * Those of all people whom `isWanted` takes, the newest first. Filtering happens here and not in SQL: neither database folds
     * the case of every script.
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async page(
      { limit, cursor }: { limit: number; cursor?: string | undefined },
      isWanted: (row: UserTable) => boolean = () => true,
    ): Promise<{ users: KnownUser[]; nextCursor: string | null }> {
      let after = cursor === undefined ? null : parseCursor(cursor);
      const found: UserTable[] = [];
      for (;;) {
        await myTurn();
        const rows = await newestAfter(after, ROWS_AT_ONCE);
        found.push(...rows.filter(isWanted));
        const last = rows.at(-1);
        if (rows.length < ROWS_AT_ONCE || last === undefined || found.length > limit) break;
        after = last;
      }
      const { page, nextCursor } = pageOf(found.slice(0, limit + 1), limit, cursorAfter);
      const shown = new Map((await known(page.map(({ id }) => id))).map((user) => [user.id, user]));
      return { users: page.map(({ id }) => shown.get(id)).filter((user) => user !== undefined), nextCursor };
    },
  };
}
