// Resolves a server by id, whole name, or the beginning of exactly one name.
import type { Server } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { choose } from './choose.ts';
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
  return choose(await allServers(api), wanted, {
    singular: 'server',
    plural: 'servers',
    where: ' that you can see',
    id: ({ id }) => id,
    names: ({ name }) => [name],
    list: 'buoy servers list',
  });
}

/** Resolves the argument SERVER, and returns the client with it. */
export async function serverIn(
  context: Context & Args<'server'>,
): Promise<{ api: Client; id: string; name: string }> {
  const api = context.api();
  const { id, name } = await resolveServer(api, arg(context, 'server'));
  return { api, id, name };
}
