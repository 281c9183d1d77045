// SQL that removes what is left of sessions that are over, in slices: SQLite blocks the whole process meanwhile.
import type { ExpressionBuilder, OperandValueExpressionOrList } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

/** Replaced secrets that are deleted at once. */
const DELETED_AT_ONCE = 200;
/** Sessions that are looked at, and removed, at once. */
const SESSIONS_AT_ONCE = 20;

export type SessionRetentionStore = ReturnType<typeof createSessionRetentionStore>;

export function createSessionRetentionStore(db: Db) {
  return {
    /** Which of the sessions that follow this one by id are over, and from where to go on; null: these were the last ones. */
    async endedAfter(id: string, now: string): Promise<{ ids: string[]; next: string | null }> {
      const rows = await db
        .selectFrom('sessions')
        .select(['id', 'revokedAt', 'expiresAt'])
        .where('id', '>', id)
        .orderBy('id')
        .limit(SESSIONS_AT_ONCE)
        .execute();
      const ended = rows.filter(({ revokedAt, expiresAt }) => revokedAt !== null || expiresAt <= now);
      return {
        ids: ended.map((row) => row.id),
        next: rows.length < SESSIONS_AT_ONCE ? null : (rows.at(-1)?.id ?? null),
      };
    },

    /** True when these sessions may have more replaced secrets than were deleted now. */
    async deleteReplacedSecrets(ids: readonly string[]): Promise<boolean> {
      return ids.length > 0 && (await deleteReplacedSecrets(db, ids)) === DELETED_AT_ONCE;
    },

    /** Removes those that would have expired by now, but for the one that a person has used last: it tells when they were seen. */
    async removeExpired(ids: readonly string[], now: string): Promise<void> {
      if (ids.length === 0) return;
      await db
        .deleteFrom('sessions')
        .where('id', 'in', ids)
        .where('expiresAt', '<=', now)
        .where(hasNoReplacedSecret)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('sessions as other')
              .select('other.id')
              .whereRef('other.userId', '=', 'sessions.userId')
              .whereRef('other.lastUsedAt', '>', 'sessions.lastUsedAt'),
          ),
        )
        .execute();
    },
  };
}

/** Deletes a slice of the secrets that these sessions have replaced, and answers how many that was. */
export async function deleteReplacedSecrets(
  db: Db,
  sessionIds: OperandValueExpressionOrList<Database, 'rotatedRefreshSecrets', 'sessionId'>,
): Promise<number> {
  const slice = db
    .selectFrom('rotatedRefreshSecrets')
    .select('secretHash')
    .where('sessionId', 'in', sessionIds)
    .limit(DELETED_AT_ONCE);
  const result = await db
    .deleteFrom('rotatedRefreshSecrets')
    .where('secretHash', 'in', slice)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Deletes a slice of the secrets that this session has replaced, but for the newest `kept`. */
export async function deleteReplacedSecretsBeyond(db: Db, sessionId: string, kept: number): Promise<void> {
  const slice = db
    .selectFrom('rotatedRefreshSecrets')
    .select('secretHash')
    .where('sessionId', '=', sessionId)
    .orderBy('generation', 'desc')
    .limit(DELETED_AT_ONCE)
    .offset(kept);
  await db.deleteFrom('rotatedRefreshSecrets').where('secretHash', 'in', slice).execute();
}

/** A session may only be deleted once it has none: all of them would go in the same statement. */
export function hasNoReplacedSecret({ not, exists, selectFrom }: ExpressionBuilder<Database, 'sessions'>) {
  return not(
    exists(
      selectFrom('rotatedRefreshSecrets')
        .select('secretHash')
        .whereRef('rotatedRefreshSecrets.sessionId', '=', 'sessions.id'),
    ),
  );
}
