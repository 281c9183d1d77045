// The list of servers as one person's stream: it keeps one number for each sent server; the list itself is shared.
import type { Role, Server, StreamEventOf, servers } from '@buoy/contract';
import { ownerFor } from './server.presenter.ts';
import type { ListedServer, ServerList } from './server-list.ts';

export type ServerListEvent = StreamEventOf<(typeof servers)['GET /servers/events']>;

const ranks: readonly Role[] = ['viewer', 'admin', 'owner'];
const noRoles: ReadonlyMap<string, Role> = new Map();

/**
 * First a `server` event for each of the list and `complete` with their number, then `server` for each that is new or has changed
 * and `removed` for each that is no longer visible. Nothing is queued for a slow reader: it gets the newest list next.
 * @param lists the list as it is, then each time that it differs
 * @param userId whose roles count; null: all servers, as their owner
 */
export async function* serverEvents(
  lists: AsyncIterable<ServerList>,
  userId: string | null,
): AsyncGenerator<ServerListEvent, void, void> {
  /** Server id → what was sent last, see `stampOf`. */
  const told = new Map<string, number>();
  let last: ServerList | null = null;
  for await (const list of lists) {
    const roleOf = (id: string): Role | undefined =>
      userId === null ? 'owner' : (list.roles.get(userId) ?? noRoles).get(id);
    const seesTheSame =
      last !== null &&
      (userId === null ? list.ids === last.ids : list.roles.get(userId) === last.roles.get(userId));
    // A reader who is up to date and sees the same servers gets only the changed ones, without a comparison of the others.
    const isNext = seesTheSame && last?.revision === list.revision - 1;
    for (const one of isNext ? list.changed : list.servers) {
      const role = roleOf(one.server.id);
      if (role === undefined || told.get(one.server.id) === stampOf(one, role)) continue;
      told.set(one.server.id, stampOf(one, role));
      yield {
        event: 'server',
        data: { ...one.server, role, owner: ownerFor(role, one.server.owner) } satisfies Server,
      };
    }
    if (!seesTheSame)
      for (const id of told.keys()) {
        if (list.ids.has(id) && roleOf(id) !== undefined) continue;
        told.delete(id);
        yield { event: 'removed', data: { id } };
      }
    if (last === null) yield { event: 'complete', data: { servers: told.size } };
    last = list;
  }
}

function stampOf({ revision }: ListedServer, role: Role): number {
  return revision * ranks.length + ranks.indexOf(role);
}
