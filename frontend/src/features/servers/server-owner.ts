// Whose a server is. Anybody may share a server, or transfer it to a person, under any name: it may still be that somebody's machine.
import type { Server } from '@buoy/contract';
import type { ownerTexts } from './owner-texts.ts';

type Owned = Pick<Server, 'owner'>;

/** Whether a person added or took the server. As a tag chooses in the API. */
export function isOwn({ owner }: Owned, userId: string | undefined): boolean {
  return owner !== null && owner.id === userId && owner.givenBy === null;
}

/** Whether a person owns the server by a grant: a super-admin has the role of an owner on the servers of others as well. */
export function isOwnedBy({ owner }: Owned, userId: string | undefined): boolean {
  return owner !== null && owner.id === userId;
}

/** The servers in their order, a person's own ones first. */
export function ownFirst<T extends Owned>(servers: readonly T[], userId: string | undefined): T[] {
  return [
    ...servers.filter((server) => isOwn(server, userId)),
    ...servers.filter((server) => !isOwn(server, userId)),
  ];
}

type Words = (typeof ownerTexts)['en'];

/** Words that name the owner of a server, or who gave it to the person; null: the person added or took it. */
export function ownerWords(server: Owned, userId: string | undefined, t: Words): string | null {
  const { owner } = server;
  if (isOwn(server, userId)) return null;
  if (owner === null) return t.notYours;
  // Names are chosen by their people, so the id stands beside them.
  return owner.id === userId ? t.givenBy(owner.givenBy ?? '') : t.ofOwner(owner.name, owner.id);
}

/** `gate` for a server of the person's own, else `gate (srv_1)` with its owner: names are unique for each owner only. */
export function nameWithOwner(
  server: Pick<Server, 'id' | 'name' | 'owner'>,
  userId: string | undefined,
  t: Words,
): string {
  const words = ownerWords(server, userId, t);
  return words === null ? server.name : `${server.name} (${server.id}) · ${words}`;
}
