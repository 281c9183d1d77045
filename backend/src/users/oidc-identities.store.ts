// SQL for the people of an OpenID provider.
import type { Db } from '../db/database.ts';
import type { OidcIdentityTable, UserTable } from '../db/schema.ts';

export type OidcIdentityStore = ReturnType<typeof createOidcIdentityStore>;

export function createOidcIdentityStore(db: Db) {
  return {
    /**
     * The person with this identity; `person` is stored for one that is new. The name of one that is known is brought up to date.
     * Of many calls at once for a new identity, one stores its person.
     */
    async findOrInsert(
      { issuer, subject }: Pick<OidcIdentityTable, 'issuer' | 'subject'>,
      person: UserTable,
    ): Promise<UserTable> {
      return db.transaction().execute(async (trx) => {
        const known = () =>
          trx
            .selectFrom('oidcIdentities')
            .select('userId')
            .where('issuer', '=', issuer)
            .where('subject', '=', subject)
            .executeTakeFirst();
        let owner = await known();
        if (owner === undefined) {
          await trx.insertInto('users').values(person).execute();
          const inserted = await trx
            .insertInto('oidcIdentities')
            .values({ issuer, subject, userId: person.id, createdAt: person.createdAt })
            .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
            .executeTakeFirst();
          if (inserted.numInsertedOrUpdatedRows === 1n) return person;
          await trx.deleteFrom('users').where('id', '=', person.id).execute();
          owner = await known();
        }
        if (owner === undefined) throw new Error('An identity that was there is gone.');
        return trx
          .updateTable('users')
          .set({ firstName: person.firstName })
          .where('id', '=', owner.userId)
          .returningAll()
          .executeTakeFirstOrThrow();
      });
    },
  };
}
