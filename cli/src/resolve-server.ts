// Resolves a server by id, whole name, or the beginning of exactly one name. Anybody may share a server under any name, so a name that
// fits servers of several owners stands only for the caller's own server of exactly that name.
import type { Server } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { ambiguous, choose, withId } from './choose.ts';
import { type Args, arg, type Context } from './command.ts';

const PAGE = 200;

/** All servers that the caller has access to. */
export async function allServers(
  api: Client,
  query: { tag?: string; q?: string; state?: Server['status']['state'] } = {},
): Promise<Server[]> {
  const servers: Server[] = [];
  let cursor: string | undefined;
  do {
    const page = await api('GET /servers', { query: { ...query, limit: PAGE, cursor } });
    servers.push(...page.servers);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return servers;
}

/** Returns a function from id to name. Reads no names with --json, which prints ids. */
export async function serverNames(
  { output }: Context,
  api: Client,
): Promise<(serverId: string | null) => string | null> {
  const names = new Map(output.json ? [] : (await allServers(api)).map(({ id, name }) => [id, name]));
  return (id) => (id === null ? null : (names.get(id) ?? id));
}

/** @throws CommandError when none or several match; those are listed */
export async function resolveServer(api: Client, wanted: string): Promise<Server> {
  return serverAmong(api, await allServers(api), wanted);
}

/** The same for several, with one list of servers. */
export async function resolveServers(api: Client, wanted: readonly string[]): Promise<Server[]> {
  const servers = await allServers(api);
  return Promise.all(wanted.map((one) => serverAmong(api, servers, one)));
}

async function serverAmong(api: Client, servers: readonly Server[], wanted: string): Promise<Server> {
  const named = servers.some(({ id }) => id === wanted) ? [] : namedLike(servers, wanted);
  if (new Set(named.map(({ owner }) => owner?.givenBy ?? owner?.id)).size > 1)
    return ownNamed(api, named, wanted);
  return choose(servers, wanted, {
    singular: 'server',
    plural: 'servers',
    where: ' that you can see',
    id: ({ id }) => id,
    names: ({ name }) => [name],
    list: 'buoy servers list',
  });
}

/** The servers that one of the rules for names fits: each of them fits the beginning of the name. */
function namedLike(servers: readonly Server[], wanted: string): Server[] {
  if (wanted.trim() === '') return [];
  return servers.filter(({ name }) => name.toLowerCase().startsWith(wanted.toLowerCase()));
}

/** @param named servers of several owners. @throws CommandError unless one of them is the caller's own, of exactly that name */
async function ownNamed(api: Client, named: readonly Server[], wanted: string): Promise<Server> {
  const { user } = await api('GET /me');
  const own = named.find((server) => server.name === wanted && wasAddedOrTakenBy(server, user.id));
  if (own !== undefined) return own;
  throw ambiguous(wanted, 'servers', named, (server) =>
    wasAddedOrTakenBy(server, user.id)
      ? `${withId(server.name, server.id)}, yours`
      : `${withId(server.name, server.id)} of ${ownerName(server)}`,
  );
}

/**
 * Whether that person added or took the server: a super-admin, who has the role of an owner everywhere, does not own the servers of others, and a server
 * that somebody transferred to a person may still be that somebody's machine.
 */
export function wasAddedOrTakenBy({ owner }: Pick<Server, 'owner'>, userId: string): boolean {
  return owner?.id === userId && owner.givenBy === null;
}

/** The id is there too, since people choose their own names. */
export function ownerName({ owner }: Server): string {
  if (owner == null) return 'an unknown owner';
  const name = withId(owner.name, owner.id);
  return owner.givenBy === null ? name : `${name}, given by ${owner.givenBy}`;
}

/** Resolves the argument SERVER, and returns the client with it. */
export async function serverIn(
  context: Context & Args<'server'>,
): Promise<{ api: Client; id: string; name: string }> {
  const api = context.api();
  const { id, name } = await resolveServer(api, arg(context, 'server'));
  return { api, id, name };
}
