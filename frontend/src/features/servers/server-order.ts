// Orders servers by how much they need a person, healthy ones by tag; and applies the search.
import type { Server, ServerState } from '@buoy/contract';

const statesByUrgency: readonly ServerState[] = [
  ...(['down', 'unreachable', 'unknown', 'not_set_up', 'maintenance', 'up'] as const),
];

/** Names as people read them: "web-2" before "web-10". */
export const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export type ServerGroup =
  | { by: 'state'; state: ServerState; servers: Server[] }
  /** Healthy servers; null: those without a tag. */
  | { by: 'tag'; tag: string | null; servers: Server[] };

/**
 * The states that there are, most urgent first, each with its servers by name. Healthy servers come last, by their first tag; under
 * their state where none has a tag or `hasChosenTags` says that the list has been chosen by tags already.
 */
export function serverGroups(servers: readonly Server[], hasChosenTags: boolean): ServerGroup[] {
  return statesByUrgency.flatMap((state) => {
    const inState = servers
      .filter((server) => server.status.state === state)
      .sort((a, b) => byName.compare(a.name, b.name) || a.id.localeCompare(b.id));
    if (inState.length === 0) return [];
    const byTag = state === 'up' && !hasChosenTags && inState.some(({ tags }) => tags.length > 0);
    return byTag ? groupsByTag(inState) : [{ by: 'state', state, servers: inState }];
  });
}

function groupsByTag(servers: readonly Server[]): ServerGroup[] {
  const tagged = Map.groupBy(servers, ({ tags }) => tags[0] ?? null);
  const untagged = tagged.get(null) ?? [];
  tagged.delete(null);
  return [
    ...[...tagged]
      .sort(([a], [b]) => byName.compare(a ?? '', b ?? ''))
      .map(([tag, inTag]): ServerGroup => ({ by: 'tag', tag, servers: inTag })),
    ...(untagged.length === 0 ? [] : [{ by: 'tag' as const, tag: null, servers: untagged }]),
  ];
}

/** Every tag that a server has, by name, once. */
export function tagsIn(servers: readonly Server[]): string[] {
  return [...new Set(servers.flatMap((server) => server.tags))].sort(byName.compare);
}

/** The filter. A server must have all of `tags`, and contain `search` in its name, address or tags. */
export type Search = { search: string; tags: readonly string[] };

export function found(servers: readonly Server[], { search, tags }: Search): Server[] {
  const wanted = search.trim().toLowerCase();
  return servers.filter(
    (server) =>
      tags.every((tag) => server.tags.includes(tag)) &&
      [server.name, server.host, ...server.tags].some((text) => text.toLowerCase().includes(wanted)),
  );
}
