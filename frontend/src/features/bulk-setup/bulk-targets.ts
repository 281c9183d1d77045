// The servers of a bulk setup: those of a pasted list, told apart into new ones and ones that Buoy has already.
import type { Server } from '@buoy/contract';
import type { Key } from '../servers/fingerprint.tsx';
import { isOwn, isOwnedBy } from '../servers/server-owner.ts';
import type { ServerLine } from './server-lines.ts';

/** Where Buoy logs in, through which jump server, and under which name the server is kept. */
export type TargetPlace = Pick<Server, 'name' | 'host' | 'port' | 'username' | 'jumpServerId'>;

/** A server in Buoy, or a new one with the only host key that may receive the login. */
export type BulkTarget = TargetPlace & ({ server: Server; hostKey: null } | { server: null; hostKey: Key });

export type ListedServers = {
  /** Not in Buoy: their host keys have to be trusted first. */
  fresh: TargetPlace[];
  /** Own servers that are in Buoy as the list has them. */
  known: BulkTarget[];
  /** Lines whose name another server of the person has. `isGiven`: one that someone transferred to them, who may still lead it elsewhere. */
  taken: Array<ServerLine & { isGiven: boolean }>;
};

/**
 * @param login.username of lines that name none
 * @param userId of the person: names of servers that others share are free
 */
export function listedServers(
  lines: readonly ServerLine[],
  login: Pick<TargetPlace, 'username' | 'jumpServerId'>,
  servers: readonly Server[],
  userId: string,
): ListedServers {
  const owned = new Map(
    servers.filter((server) => isOwnedBy(server, userId)).map((server) => [server.name, server]),
  );
  const listed: ListedServers = { fresh: [], known: [], taken: [] };
  for (const line of lines) {
    const { name, host, port } = line;
    const { jumpServerId } = login;
    const place = { name, host, port, username: line.username ?? login.username, jumpServerId };
    const server = owned.get(name);
    if (server === undefined) listed.fresh.push(place);
    else if (!isOwn(server, userId)) listed.taken.push({ ...line, isGiven: true });
    else if (isAt(server, place)) listed.known.push(targetOf(server));
    else listed.taken.push({ ...line, isGiven: false });
  }
  return listed;
}

export function targetOf(server: Server): BulkTarget {
  const { name, host, port, username, jumpServerId } = server;
  return { name, host, port, username, jumpServerId, server, hostKey: null };
}

export function isAt(server: Server, place: TargetPlace): boolean {
  return (['host', 'port', 'username', 'jumpServerId'] as const).every(
    (part) => server[part] === place[part],
  );
}

/** False when someone moved the server since it was shown: keys go only to the place that the person has seen. */
export function isUnmoved(shown: Server, now: Server): boolean {
  return (
    isAt(now, shown) && (shown.hostKey === null || now.hostKey?.fingerprint === shown.hostKey.fingerprint)
  );
}

/** The names of other servers that show the same host key, by name. */
export function sharedKeys(keys: ReadonlyMap<string, Pick<Key, 'fingerprint'>>): Map<string, string[]> {
  const byKey = Map.groupBy(keys, ([, { fingerprint }]) => fingerprint);
  return new Map(
    [...byKey.values()]
      .filter((group) => group.length > 1)
      .flatMap((group) => {
        const names = group.map(([name]) => name);
        return names.map((name): [string, string[]] => [name, names.filter((other) => other !== name)]);
      }),
  );
}
