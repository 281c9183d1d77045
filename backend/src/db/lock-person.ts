// Serializes transactions that count what a person owns before adding to it.
import type { Db } from './database.ts';

/** Holds the person's row until the transaction ends. */
export async function lockPerson(trx: Db, userId: string): Promise<void> {
  // Writing the person's row over itself locks it in PostgreSQL; SQLite has one writer anyway.
  await trx
    .updateTable('users')
    .set((e) => ({ createdAt: e.ref('createdAt') }))
    .where('id', '=', userId)
    .execute();
}
