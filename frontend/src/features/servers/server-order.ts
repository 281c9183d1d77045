// Problems first: what we know is broken, then what we cannot see, then what we do not know; and what a search leaves of it.
import type { Server, ServerState } from '@buoy/contract';

const statesByUrgency: readonly ServerState[] = ['down', 'unreachable', 'unknown', 'maintenance', 'up'];

/** Names as people read them: "web-2" before "web-10". */
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export type StateGroup = { state: ServerState; servers: Server[] };

/** The states that there are, most urgent first, each with its servers by name. */
export function groupsByState(servers: readonly Server[]): StateGroup[] {
  return statesByUrgency
    .map((state) => ({
      state,
      servers: servers
        .filter((server) => server.status.state === state)
        .sort((a, b) => byName.compare(a.name, b.name) || a.id.localeCompare(b.id)),
    }))
    .filter((group) => group.servers.length > 0);
}

/** Every tag that a server has, by name, once. */
export function tagsIn(servers: readonly Server[]): string[] {
  return [...new Set(servers.flatMap((server) => server.tags))].sort(byName.compare);
}

/** What a person looks for. A server must have all of `tags`, and `search` somewhere in its name, address or tags. */
export type Search = { search: string; tags: readonly string[] };

export function found(servers: readonly Server[], { search, tags }: Search): Server[] {
  const wanted = search.trim().toLowerCase();
  return servers.filter(
    (server) =>
      tags.every((tag) => server.tags.includes(tag)) &&
      [server.name, server.host, ...server.tags].some((text) => text.toLowerCase().includes(wanted)),
  );
}
