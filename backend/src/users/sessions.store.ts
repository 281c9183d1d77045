// SQL for sessions: a token lives only as long as its row here says so.

import type { ExpressionBuilder } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database, SessionTable, UserTable } from '../db/schema.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import {
  deleteReplacedSecrets,
  deleteReplacedSecretsBeyond,
  hasNoReplacedSecret,
} from './session-retention.store.ts';

export type SessionWithUser = { session: SessionTable; user: UserTable };

/** `isCurrent` is false for a secret that has been replaced, and where the family alone is known. */
export type SecretOwner = { userId: string; sessionId: string; isCurrent: boolean };

export type Renewal = {
  sessionId: string;
  /** Of the secret that was brought, and of the family that it names; null where it names none. */
  secretHash: string;
  familyHash: string | null;
  attemptKeyHash: string | null;
  renewed: Pick<SessionTable, 'refreshHash' | 'familyHash' | 'expiresAt' | 'lastUsedAt'>;
  /** A repeated attempt is one until then after the first: its secret was replaced later than this. */
  retryFrom: string;
  /** Asked beyond the first retries of a renewal: takes one from those that its person has for all sessions; false: none is left. */
  takeRetry: () => boolean;
};

/** `unknown`: this secret never renewed the session, or it has been repeated too often. `reused`: it did, and the session is over for that. */
export type RenewalOutcome = 'renewed' | 'reused' | 'unknown';

/** Replaced secrets that are kept of a session, 20,000 of a person: more than one renewal makes. Older ones are known by their family alone. */
const MAX_KEPT_SECRETS = 40;

/** Retries of one renewal, and how many of them cost its person nothing: whoever uses up their retries must not end other sessions of theirs. */
const MAX_RETRIES = 20;
const FREE_RETRIES = 2;

/** Sessions that are kept of a person, at sixteen sign-ins a day those of a month: all are listed at once. */
const MAX_KEPT_SESSIONS = 500;

export type SessionStore = ReturnType<typeof createSessionStore>;

/** Those that are neither revoked nor expired; in the transaction of what relies on one. */
export function liveSessions(db: Db, now: string) {
  return db
    .selectFrom('sessions')
    .where('sessions.revokedAt', 'is', null)
    .where('sessions.expiresAt', '>', now);
}

/** Of this person; their replaced secrets say nothing any more. */
function endedOf(db: Db, userId: string, now: string) {
  return db
    .selectFrom('sessions')
    .select('id')
    .where('userId', '=', userId)
    .where((e) => e.or([e('revokedAt', 'is not', null), e('expiresAt', '<=', now)]));
}

export function createSessionStore(db: Db) {
  const live = (now: string) => liveSessions(db, now);

  return {
    /**
     * False when the person is disabled: also when that happens at the same moment. Of too many sessions those that were not used for longest
     * end, and are removed once their replaced secrets are.
     * @param writes.first runs before the session is stored
     */
    async insert(
      session: SessionTable,
      { first, also }: { first?: TransactionHook | undefined; also?: TransactionHook | undefined } = {},
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        await first?.(trx);
        // Writing the person's row over itself locks it, as disabling does.
        const person = await trx
          .updateTable('users')
          .set((e) => ({ createdAt: e.ref('createdAt') }))
          .where('id', '=', session.userId)
          .returning('disabledAt')
          .executeTakeFirst();
        if (person !== undefined && person.disabledAt !== null) return false;
        await trx.insertInto('sessions').values(session).execute();
        const kept = trx
          .selectFrom('sessions')
          .select('id')
          .where('userId', '=', session.userId)
          .orderBy('lastUsedAt', 'desc')
          .orderBy('id')
          .limit(MAX_KEPT_SESSIONS);
        const isBeyond = (e: ExpressionBuilder<Database, 'sessions'>) =>
          e.and([e('userId', '=', session.userId), e('id', '!=', session.id), e('id', 'not in', kept)]);
        await trx
          .updateTable('sessions')
          .set({ revokedAt: session.createdAt })
          .where(isBeyond)
          .where('revokedAt', 'is', null)
          .execute();
        await deleteReplacedSecrets(trx, endedOf(trx, session.userId, session.createdAt));
        await trx.deleteFrom('sessions').where(isBeyond).where(hasNoReplacedSecret).execute();
        return true;
      });
    },

    /** Whether the person of this session, which may be over, is disabled. */
    async isOfDisabledPerson(id: string): Promise<boolean> {
      const person = await db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.userId')
        .select('users.id')
        .where('sessions.id', '=', id)
        .where('users.disabledAt', 'is not', null)
        .executeTakeFirst();
      return person !== undefined;
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

    /** Whose session this secret renews, or has renewed, while it lives; null for another secret. */
    async personWithSecret(
      id: string,
      { secretHash, familyHash }: Pick<Renewal, 'secretHash' | 'familyHash'>,
      now: string,
    ): Promise<SecretOwner | null> {
      const session = await live(now)
        .select(['sessions.refreshHash', 'sessions.familyHash', 'sessions.userId'])
        .where('sessions.id', '=', id)
        .executeTakeFirst();
      if (session === undefined) return null;
      const owner = { userId: session.userId, sessionId: id };
      if (session.refreshHash === secretHash) return { ...owner, isCurrent: true };
      if (familyHash !== null && session.familyHash === familyHash) return { ...owner, isCurrent: false };
      const rotated = await db
        .selectFrom('rotatedRefreshSecrets')
        .select('sessionId')
        .where('secretHash', '=', secretHash)
        .where('sessionId', '=', id)
        .executeTakeFirst();
      return rotated === undefined ? null : { ...owner, isCurrent: false };
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

    /**
     * A new refresh secret in place of the one that was brought. A secret that is replaced already ends the session, unless it is
     * the last one and the same browser repeats its attempt: then the secret that it did not get is void.
     * @param also runs when there is a new secret
     */
    async renew(
      renewal: Renewal,
      also?: TransactionHook,
      alsoWhenReused?: TransactionHook,
    ): Promise<RenewalOutcome> {
      return db.transaction().execute(async (trx) => {
        const outcome = await renewIn(trx, renewal);
        await (outcome === 'renewed' ? also : outcome === 'reused' ? alsoWhenReused : undefined)?.(trx);
        return outcome;
      });
    },

    /** False when that person has no such live session. */
    async revoke(id: string, userId: string, now: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
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

async function renewIn(trx: Db, renewal: Renewal): Promise<RenewalOutcome> {
  const { sessionId, secretHash, familyHash, attemptKeyHash, renewed, retryFrom, takeRetry } = renewal;
  const replace = async (oldHash: string): Promise<boolean> => {
    const result = await trx
      .updateTable('sessions')
      .set(renewed)
      .where('id', '=', sessionId)
      .where('refreshHash', '=', oldHash)
      .where('revokedAt', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  };
  const remember = async (oldHash: string, generation: number, voided: 0 | 1) => {
    await trx
      .insertInto('rotatedRefreshSecrets')
      .values({
        ...{ secretHash: oldHash, sessionId, generation, attemptKeyHash, voided },
        rotatedAt: renewed.lastUsedAt,
      })
      .execute();
    await deleteReplacedSecretsBeyond(trx, sessionId, MAX_KEPT_SECRETS);
  };
  const newest = async (): Promise<number> => {
    const row = await trx
      .selectFrom('rotatedRefreshSecrets')
      .select((e) => e.fn.max('generation').as('generation'))
      .where('sessionId', '=', sessionId)
      .executeTakeFirst();
    return row?.generation ?? 0;
  };

  if (await replace(secretHash)) {
    await remember(secretHash, (await newest()) + 1, 0);
    const { userId } = await trx
      .selectFrom('sessions')
      .select('userId')
      .where('id', '=', sessionId)
      .executeTakeFirstOrThrow();
    await deleteReplacedSecrets(trx, endedOf(trx, userId, renewed.lastUsedAt));
    return 'renewed';
  }
  const brought = await trx
    .selectFrom('rotatedRefreshSecrets')
    .selectAll()
    .where('secretHash', '=', secretHash)
    .where('sessionId', '=', sessionId)
    .executeTakeFirst();
  const end = async () => {
    const result = await trx
      .updateTable('sessions')
      .set({ revokedAt: renewed.lastUsedAt })
      .where('id', '=', sessionId)
      .where('revokedAt', 'is', null)
      .$if(brought === undefined, (query) => query.where('familyHash', '=', familyHash))
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  };
  // Replaced so long ago that it is forgotten: a thief would only have to renew often enough.
  if (brought === undefined) return familyHash !== null && (await end()) ? 'reused' : 'unknown';
  const isRetry =
    attemptKeyHash !== null &&
    brought.attemptKeyHash === attemptKeyHash &&
    brought.rotatedAt >= retryFrom &&
    brought.generation === (await newest());
  if (isRetry) {
    const { retries } = await trx
      .selectFrom('rotatedRefreshSecrets')
      .select((e) => e.fn.countAll<number>().as('retries'))
      .where('sessionId', '=', sessionId)
      .where('generation', '=', brought.generation)
      .where('voided', '=', 1)
      .executeTakeFirstOrThrow();
    if (retries >= MAX_RETRIES || (retries >= FREE_RETRIES && !takeRetry())) return 'unknown';
    const current = () =>
      trx
        .selectFrom('sessions')
        .select('refreshHash')
        .where('id', '=', sessionId)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
    // Of two retries at once the later one replaces what the other has just made.
    for (let session = await current(); session !== undefined; session = await current())
      if (await replace(session.refreshHash)) {
        await remember(session.refreshHash, brought.generation, 1);
        return 'renewed';
      }
    return 'unknown';
  }
  // A browser may have kept it when two answers crossed on the way. It opens nothing, so it is no sign of a thief.
  if (brought.voided === 1) return 'unknown';
  await end();
  return 'reused';
}
