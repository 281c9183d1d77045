// One page of a list of servers: which match a filter, and where the page begins.
import type { Server, ServerState } from '@buoy/contract';
import { z } from 'zod';
import { cursorOf, pageOf, positionIn } from '../db/page-cursor.ts';

export type ServerListFilter = {
  tag?: string | undefined;
  /** Part of a name or host, in any case. */
  q?: string | undefined;
  state?: ServerState | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** Name and id of the last server of the previous page. */
const position = z.tuple([z.string().max(200), z.string().max(64)]);

/**
 * @param servers all that the caller sees, by name
 * @throws AppError `invalid_request` for a cursor that Buoy did not issue
 */
export function listPage(
  servers: readonly Server[],
  { tag, q, state, limit, cursor }: ServerListFilter,
): { servers: Server[]; nextCursor: string | null } {
  const wanted = q?.toLowerCase();
  const matching = (cursor === undefined ? servers : servers.slice(startBehind(servers, cursor))).filter(
    (server) =>
      (tag === undefined || server.tags.includes(tag)) &&
      (state === undefined || server.status.state === state) &&
      (wanted === undefined || `${server.name}\n${server.host}`.toLowerCase().includes(wanted)),
  );
  const { page, nextCursor } = pageOf(matching.slice(0, limit + 1), limit, (last) =>
    cursorOf([last.name, last.id]),
  );
  return { servers: page, nextCursor };
}

function startBehind(servers: readonly Server[], cursor: string): number {
  const [name, id] = positionIn(cursor, position);
  const known = servers.findIndex((server) => server.id === id);
  if (known !== -1) return known + 1;
  // It was removed since: its name still has a place in the list.
  const next = servers.findIndex((server) => server.name > name);
  return next === -1 ? servers.length : next;
}
