// The servers on which a snapshot of another one may be restored.
import type { Server } from '@buoy/contract';
import { isOwnedBy, ownFirst } from '../servers/server-owner.ts';

/** Those that the person owns, whatever role a super-admin has on the servers of others; the own ones first. */
export function restoreTargets(
  servers: readonly Server[],
  source: Pick<Server, 'id'>,
  userId: string | undefined,
): Server[] {
  const owned = servers.filter((server) => server.id !== source.id && isOwnedBy(server, userId));
  return ownFirst(owned, userId);
}
