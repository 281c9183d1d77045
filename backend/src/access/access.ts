// Roles of people on servers. Deny by default: no grant, no server.
import { type Role, role, type User } from '@buoy/contract';
import type { AccessStore } from './access.store.ts';

export type Access = {
  /** The caller's role on the server; null when it is absent or not visible to them. Super-admins hold every server as owner. */
  roleOf(user: User, serverId: string): Promise<Role | null>;
  /** Ids of the servers that the caller sees; null means all of them. */
  visibleServerIds(user: User): Promise<string[] | null>;
};

export function createAccess({ store }: { store: AccessStore }): Access {
  return {
    async roleOf(user, serverId) {
      if (user.isSuperAdmin) return (await store.serverExists(serverId)) ? 'owner' : null;
      return role
        .nullable()
        .catch(null)
        .parse((await store.findRole(serverId, user.id)) ?? null);
    },
    async visibleServerIds(user) {
      return user.isSuperAdmin ? null : store.listServerIds(user.id);
    },
  };
}
