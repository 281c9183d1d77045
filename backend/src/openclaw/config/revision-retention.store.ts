// Retention of config revisions: older ones are removed as new ones are stored, so that neither a server nor a person fills the disk.
import type { Db } from '../../db/database.ts';
import { lockPerson } from '../../db/lock-person.ts';

/** Revisions of one server, and bytes of all that they say; the oldest go, the newest one always stays. */
const MAX_KEPT = { revisions: 200, bytes: 16 * 1024 * 1024 };
/** Bytes of all revisions of the servers that one person owns. */
const MAX_BYTES_OF_PERSON = 64 * 1024 * 1024;
/** Removed of them with each new one: more than it has, and few enough to be fast. */
const AT_ONCE = { revisions: 200, bytes: 16 * 1024 * 1024 };

/** Runs inside the transaction that has stored `rev`, and holds the row of its server. */
export async function removeOldRevisions(trx: Db, serverId: string, rev: number): Promise<void> {
  let bytes = 0;
  const kept = (await revisionsOf(trx, serverId).orderBy('rev', 'desc').execute()).filter((revision) => {
    bytes += revision.bytes;
    return revision.rev === rev || bytes <= MAX_KEPT.bytes;
  });
  const oldest = Math.max(kept.at(-1)?.rev ?? rev, rev - MAX_KEPT.revisions + 1);
  await trx
    .deleteFrom('openclawConfigRevisions')
    .where('serverId', '=', serverId)
    .where('rev', '<', oldest)
    .execute();
  const owner = await trx
    .selectFrom('grants')
    .select('userId')
    .where('serverId', '=', serverId)
    .where('role', '=', 'owner')
    .executeTakeFirst();
  if (owner !== undefined) await removeBeyondShare(trx, owner.userId);
}

/** Takes from the server that has most, again and again, until all servers of the person have room. */
async function removeBeyondShare(trx: Db, ownerId: string): Promise<void> {
  // Two servers of one person must not remove each other's revisions at once.
  await lockPerson(trx, ownerId);
  const servers = await trx
    .selectFrom('grants')
    .innerJoin('openclawConfigRevisions as revisions', 'revisions.serverId', 'grants.serverId')
    .select((e) => [
      'grants.serverId',
      e.fn.countAll<number>().as('count'),
      e.fn.sum<number>('revisions.bytes').as('bytes'),
    ])
    .where('grants.userId', '=', ownerId)
    .where('grants.role', '=', 'owner')
    .groupBy('grants.serverId')
    .execute();
  let excess = servers.reduce((sum, { bytes }) => sum + bytes, 0) - MAX_BYTES_OF_PERSON;
  const removed = { revisions: 0, bytes: 0 };
  const mayRemove = () =>
    excess > 0 && removed.revisions < AT_ONCE.revisions && removed.bytes < AT_ONCE.bytes;
  while (mayRemove()) {
    const [most, next] = servers
      .filter(({ count }) => count > 1)
      .toSorted((one, other) => other.bytes - one.bytes);
    if (most === undefined) return;
    let last = 0;
    for (const { rev, bytes } of await revisionsOf(trx, most.serverId)
      .orderBy('rev')
      .limit(most.count - 1)
      .execute()) {
      last = rev;
      most.count -= 1;
      most.bytes -= bytes;
      excess -= bytes;
      removed.revisions += 1;
      removed.bytes += bytes;
      if (!mayRemove() || most.bytes < (next?.bytes ?? 0)) break;
    }
    await trx
      .deleteFrom('openclawConfigRevisions')
      .where('serverId', '=', most.serverId)
      .where('rev', '<=', last)
      .execute();
  }
}

const revisionsOf = (trx: Db, serverId: string) =>
  trx.selectFrom('openclawConfigRevisions').select(['rev', 'bytes']).where('serverId', '=', serverId);
