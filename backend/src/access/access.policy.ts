// Who may, as pure functions: the ladder of roles.
import type { Role } from '@buoy/contract';

const rank: Record<Role, number> = { viewer: 1, admin: 2, owner: 3 };

/** Does `held` include all that `needed` may do? */
export function includesRole(held: Role, needed: Role): boolean {
  return rank[held] >= rank[needed];
}
