// Whether a person may own one more server, decided so that no burst of requests gets past the limit. What others gave is counted apart:
// a transfer needs no consent, and must not use up the right to add servers.
import type { Db } from './database.ts';
import { lockPerson } from './lock-person.ts';

/** `full` makes the error for a person who owns `maxOwned` servers that came the same way. */
export type OwnedServersLimit = { maxOwned: number; full: () => Error };

/**
 * To be called in the transaction that gives `userId` one more server.
 * @param way whether that person adds it, or is given it by somebody else
 * @throws what `limit.full` makes
 */
export async function checkOwnedServers(
  trx: Db,
  userId: string,
  way: 'added' | 'given',
  limit: OwnedServersLimit,
): Promise<void> {
  await lockPerson(trx, userId);
  const { owned } = await trx
    .selectFrom('grants')
    .select((e) => e.fn.countAll<number>().as('owned'))
    .where('userId', '=', userId)
    .where('role', '=', 'owner')
    .where('grantedBy', way === 'added' ? '=' : '!=', userId)
    .executeTakeFirstOrThrow();
  if (owned >= limit.maxOwned) throw limit.full();
}

/**
 * To be called in the transaction that makes `userId` the owner of somebody else's server.
 * @throws what `refused` makes for a person who may not add servers
 */
export async function checkMayOwn(trx: Db, userId: string, refused: () => Error): Promise<void> {
  await lockPerson(trx, userId);
  const person = await trx
    .selectFrom('users')
    .select('mayAddServers')
    .where('id', '=', userId)
    .executeTakeFirst();
  if (person?.mayAddServers === 0) throw refused();
}
