// One person's servers have names of their own: a name is what people and scripts call a server by.
import { AppError } from '../lib/app-error.ts';
import type { Db } from './database.ts';
import { lockPerson } from './lock-person.ts';

/**
 * To be called in the transaction that gives a server its name or its owner. Servers that shared a name before stay as they are.
 * @throws AppError `duplicate` when another server of `ownerId` has that name, however its letters are written
 */
export async function checkServerName(
  trx: Db,
  { serverId, name, ownerId }: { serverId: string; name: string; ownerId: string },
): Promise<void> {
  await lockPerson(trx, ownerId);
  const others = await trx
    .selectFrom('servers')
    .innerJoin('grants', 'grants.serverId', 'servers.id')
    .select('servers.name')
    .where('grants.userId', '=', ownerId)
    .where('grants.role', '=', 'owner')
    .where('servers.id', '!=', serverId)
    .execute();
  // Compared here: the databases disagree about the case of letters outside ASCII.
  if (others.some((other) => isSameName(other.name, name)))
    throw new AppError('duplicate', `Another server of the same owner is named "${name}" already.`, {
      hint: 'Choose another name, or rename the other server first. Upper and lower case count as the same.',
    });
}

/** True for names that people would not tell apart by case, by their blanks, or by how accents are encoded. */
export function isSameName(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** A page shows several blanks as one. Names from before may have blanks that are refused today. */
function folded(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[\s\p{Zs}\u2800]+/gu, ' ')
    .trim();
}
