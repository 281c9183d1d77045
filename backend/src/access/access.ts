// Roles of people on servers. Deny by default: no grant, no server.
import { type Role, role, type User } from '@buoy/contract';
import { includesRole } from './access.policy.ts';
import type { AccessStore } from './access.store.ts';

export type Access = {
  /** The caller's role on the server; null when it is absent or not visible to them. Super-admins hold every server as owner. */
  roleOf(user: User, serverId: string): Promise<Role | null>;
  /** Ids of the servers that the caller sees; null means all of them. */
  visibleServerIds(user: User): Promise<string[] | null>;
  /** What of that which belongs to servers the caller sees now: for lists that took a while, in which a role may have ended. */
  visibleTo(user: User): Promise<(of: { serverId: string | null }) => boolean>;
  /** Who owns the server by a grant; super-admins do not by themselves. */
  ownerIdOf(serverId: string): Promise<string | null>;
  /**
   * Is this person an admin of the server, by a grant or as a super-admin? A grant of a disabled person stays, as their servers do, until
   * an owner takes it back; what they might do as a super-admin ends, because nobody could take that back.
   */
  isAdmin(userId: string, serverId: string): Promise<boolean>;
  /** The same of its owner. */
  isOwner(userId: string, serverId: string): Promise<boolean>;
  /** The same as `isAdmin` of a person who is not disabled. */
  isActiveAdmin(userId: string, serverId: string): Promise<boolean>;
};

export function createAccess({
  store,
  isSuperAdmin,
}: {
  store: AccessStore;
  isSuperAdmin: (userId: string) => Promise<boolean>;
}): Access {
  const grantedRole = async (serverId: string, userId: string): Promise<Role | null> =>
    role
      .nullable()
      .catch(null)
      .parse((await store.findRole(serverId, userId)) ?? null);

  /** By a grant of that role or a higher one, or as a super-admin. */
  const holds = async (userId: string, serverId: string, least: Role): Promise<boolean> => {
    const held = await grantedRole(serverId, userId);
    if (held !== null && includesRole(held, least)) return true;
    return (await isSuperAdmin(userId)) && store.serverExists(serverId);
  };

  return {
    async roleOf(user, serverId) {
      if (user.isSuperAdmin) return (await store.serverExists(serverId)) ? 'owner' : null;
      return grantedRole(serverId, user.id);
    },
    async visibleServerIds(user) {
      return user.isSuperAdmin ? null : store.listServerIds(user.id);
    },
    async visibleTo(user) {
      if (user.isSuperAdmin) return () => true;
      const ids = new Set(await store.listServerIds(user.id));
      return ({ serverId }) => serverId !== null && ids.has(serverId);
    },
    async ownerIdOf(serverId) {
      return (await store.findOwnerId(serverId)) ?? null;
    },
    isAdmin: (userId, serverId) => holds(userId, serverId, 'admin'),
    isActiveAdmin: async (userId, serverId) =>
      !(await store.isDisabled(userId)) && holds(userId, serverId, 'admin'),
    isOwner: (userId, serverId) => holds(userId, serverId, 'owner'),
  };
}
