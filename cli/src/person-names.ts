// Names of people, for ids in API answers.
import type { User } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import type { Context } from './command.ts';

const PAGE = 200;

/** Returns the name of the person with that id, or the id itself. */
export type NameOf = (userId: string | null) => string | null;

/**
 * Requests names only for the given ids, and none with --json, which prints ids.
 * @param acts pairs of person and server: callers who may not list all people read the members of the server
 */
export async function personNames(
  { output }: Context,
  api: Client,
  acts: ReadonlyArray<{ userId: string | null; serverId: string | null }>,
): Promise<NameOf> {
  const names = new Map<string, string>();
  const isUnknown = ({ userId }: { userId: string | null }) => userId !== null && !names.has(userId);
  if (output.json || acts.length === 0) return (id) => id;
  const { user } = await api('GET /me');
  note(names, user.id, user);
  if (acts.some(isUnknown)) {
    const isEverybody = user.isSuperAdmin && (await ifAllowed(noteEverybody(api, names)));
    const servers = isEverybody ? [] : acts.filter(isUnknown).map(({ serverId }) => serverId);
    for (const id of new Set(servers))
      if (id !== null && acts.some((act) => act.serverId === id && isUnknown(act)))
        await ifAllowed(noteMembers(api, id, names));
  }
  const taken = Map.groupBy(names.entries(), ([, name]) => name);
  return (id) => {
    const name = id === null ? undefined : names.get(id);
    if (name === undefined) return id;
    // People choose their own names, so two may have the same one.
    return (taken.get(name)?.length ?? 0) > 1 ? `${name} (${id})` : name;
  };
}

type NamedPerson = Pick<User, 'username' | 'firstName'> & { lastName?: string | null };

function note(names: Map<string, string>, id: string, { username, firstName, lastName }: NamedPerson): void {
  const name = [firstName, lastName].filter(Boolean).join(' ') || username;
  if (name) names.set(id, name);
}

async function noteEverybody(api: Client, names: Map<string, string>): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await api('GET /admin/users', { query: { limit: PAGE, cursor } });
    for (const one of page.users) note(names, one.id, one);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function noteMembers(api: Client, id: string, names: Map<string, string>): Promise<void> {
  const { members } = await api('GET /servers/:id/access', { params: { id } });
  for (const one of members) note(names, one.userId, one);
}

/** Returns false when the caller may not read this: the id is shown then. */
async function ifAllowed(asked: Promise<void>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof ApiError && [403, 404].includes(error.status)) return false;
    throw error;
  }
}
