// SQL for what is sent to a browser and may come back once: challenges of passkeys, and sign-ins that a provider confirms.
import type { Db } from '../db/database.ts';
import type { SignInChallengeTable } from '../db/schema.ts';

/** Rows removed by one sign-in that begins: many at once would hold up everybody. */
const FORGOTTEN_AT_ONCE = 500;

export type ChallengeStore = ReturnType<typeof createChallengeStore>;

export type Challenge = Omit<SignInChallengeTable, 'purpose'> & {
  purpose: 'add passkey' | 'passkey' | 'oidc';
};

export function createChallengeStore(db: Db) {
  return {
    /** Stores one, and forgets those that are too old. */
    async insert(challenge: Challenge, now: string): Promise<void> {
      const expired = db.selectFrom('signInChallenges').select('hash').where('expiresAt', '<=', now);
      await db.deleteFrom('signInChallenges').where('hash', 'in', expired.limit(FORGOTTEN_AT_ONCE)).execute();
      await db.insertInto('signInChallenges').values(challenge).execute();
    },

    /** Takes it away; false when it is unknown, taken, too old or somebody else's: of many who take it at once, one gets it. */
    async take(
      { hash, purpose, userId }: Pick<Challenge, 'hash' | 'purpose' | 'userId'>,
      now: string,
    ): Promise<boolean> {
      const result = await db
        .deleteFrom('signInChallenges')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('userId', userId === null ? 'is' : '=', userId)
        .where('expiresAt', '>', now)
        .executeTakeFirst();
      return result.numDeletedRows === 1n;
    },
  };
}
