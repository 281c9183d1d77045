// Stores a person's approval together with what gives it: a grant, an accepted invite or a super-admin's decision.
import type { Db } from './database.ts';

/** Approves a person who has signed in and is not approved yet; their access request goes. False when there was nothing to change. */
export async function approvePerson(trx: Db, userId: string, now: string): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set({ approvedAt: now })
    .where('id', '=', userId)
    .where('approvedAt', 'is', null)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) return false;
  await trx.deleteFrom('accessRequests').where('userId', '=', userId).execute();
  return true;
}
