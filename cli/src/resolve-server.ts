// Which server a person means: an id, a whole name, or the beginning of one name alone.
import type { Server } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { CommandError } from './command.ts';

const PAGE = 200;
const SHOWN = 8;

/** Every server that the caller sees. */
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

/** @throws CommandError when none or several fit; those are listed */
export async function resolveServer(api: Client, wanted: string): Promise<Server> {
  const servers = await allServers(api);
  const lower = wanted.toLowerCase();
  const rules: Array<(server: Server) => boolean> = [
    ({ id }) => id === wanted,
    ({ name }) => name === wanted,
    ({ name }) => name.toLowerCase() === lower,
    ({ name }) => name.toLowerCase().startsWith(lower),
  ];
  for (const rule of rules) {
    const [found, ...others] = servers.filter(rule);
    if (found !== undefined && others.length === 0) return found;
    if (found !== undefined)
      throw new CommandError(
        `"${wanted}" fits several servers: ${[found, ...others]
          .slice(0, SHOWN)
          .map(({ name, id }) => `${name} (${id})`)
          .join(', ')}${others.length >= SHOWN ? ' …' : ''}.`,
        'Give the id.',
      );
  }
  throw new CommandError(`There is no server "${wanted}" that you can see.`, 'List them: buoy servers list');
}
