// Who answers for where a server leads: their servers share the turns of checks and name lookups, and the limit of refused logins.

/**
 * The person who entered the address or the credential last, while they are an admin of the server. Then it is neither they, who could delay its checks
 * and lock its owner out by servers of their own, nor the owner, who has not chosen it and may not even have asked for the server: what they
 * left to this owner in the same way is a share of its own.
 * @param server.ownershipBy who made the owner the owner
 * @param isAdmin whether `server.enteredBy` is an admin of the server now
 */
export function addressAnswerer(
  server: { enteredBy: string; ownerId: string | null; ownershipBy: string | null },
  isAdmin: boolean,
): string {
  const { enteredBy, ownerId, ownershipBy } = server;
  return isAdmin ? enteredBy : JSON.stringify([enteredBy, ownerId, ownershipBy]);
}
