// The members of a server: roles, who gave them, and ownership.
import { type GrantableRole, type Member, type Role, role as roleSchema } from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { inOrder, type TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Caller } from '../users/caller.ts';
import { isTelegramId, mayBeChanged, mayNotOwn, roleTooLow, wasGivenTooMany } from './access.policy.ts';
import type { AccessStore, MemberRow } from './access.store.ts';

const TRANSFER_HINT = 'Transfer the ownership instead; the former owner stays as admin.';

export type Members = ReturnType<typeof createMembers>;

/**
 * @param parts.isSuperAdmin whether this person is one, whom limits do not bind
 * @param parts.serversPerUser how many servers everybody else may be given
 */
export function createMembers({
  store,
  isSuperAdmin,
  serversPerUser,
  endMaintenanceOf,
  onChanged,
  clock,
}: {
  store: AccessStore;
  isSuperAdmin: (userId: string) => Promise<boolean>;
  serversPerUser: number;
  /** In the transaction in which a person is no admin any more: what that person has silenced is told again. */
  endMaintenanceOf: (serverId: string, userId: string) => TransactionHook;
  /** Called after a person's role was changed, revoked or transferred, to end what depends on it. */
  onChanged: (serverId: string, userId: string) => Promise<void>;
  clock: Clock;
}) {
  /** @throws AppError `not_found` for somebody who is no member, `conflict` for the owner */
  const findChangeable = async (serverId: string, userId: string): Promise<Member> => {
    const member = present(await store.findMember(serverId, userId));
    if (member === null) throw new AppError('not_found', `"${userId}" is not a member of this server.`);
    if (!mayBeChanged(member.role))
      throw new AppError(
        'conflict',
        `"${userId}" owns this server; that role cannot be changed or revoked.`,
        {
          hint: TRANSFER_HINT,
        },
      );
    return member;
  };

  const checkOwns = async ({ user }: Caller, serverId: string): Promise<void> => {
    if (user.isSuperAdmin) return;
    const member = present(await store.findMember(serverId, user.id));
    if (member === null) throw new AppError('not_found', 'There is no such server.');
    if (member.role !== 'owner') throw roleTooLow('owner', member.role);
  };

  return {
    /** The owner first, then in the order in which they came. Super-admins are no members by themselves. */
    async list(serverId: string): Promise<Member[]> {
      const rows = await store.listMembers(serverId);
      return rows.map(present).filter((member) => member !== null);
    },

    /**
     * Gives a role to somebody who has none here; it works also before that person first signs in.
     * @throws AppError `conflict` for the caller and the owner, `duplicate` (details.role) for a member, `invalid_request` for an id that nobody can ever have
     */
    async grant(
      caller: Caller,
      serverId: string,
      { userId, role }: { userId: string; role: GrantableRole },
      audit?: AuditRecorder,
    ): Promise<Member> {
      const member = present(await store.findMember(serverId, userId));
      if (member?.role === 'owner')
        throw new AppError('conflict', `"${userId}" owns this server and already has full access.`, {
          hint: TRANSFER_HINT,
        });
      if (userId === caller.user.id)
        throw new AppError('conflict', 'You cannot give yourself a role.', {
          hint: 'As a super-admin you already have full access to every server.',
        });
      if (member !== null) throw alreadyMember(member);
      if (!isTelegramId(userId) && !(await store.hasSignedIn(userId))) throw nobodysId(userId);
      const granted = await store.insertGrant(
        { serverId, userId, role, grantedBy: caller.user.id, createdAt: isoTime(clock.now()) },
        audit?.change({ target: userId, details: { role } }),
        caller.user.isSuperAdmin ? undefined : caller.user.id,
      );
      const now = present(await store.findMember(serverId, userId));
      if (now === null) throw changedMeanwhile();
      if (!granted) throw alreadyMember(now);
      return now;
    },

    /** @throws AppError `not_found` for somebody who is no member, `conflict` for the owner */
    async changeRole(
      caller: Caller,
      serverId: string,
      userId: string,
      role: GrantableRole,
      audit?: AuditRecorder,
    ): Promise<Member> {
      const before = await findChangeable(serverId, userId);
      if (before.role === role && before.grantedBy === caller.user.id) {
        audit?.unchanged({ target: userId, details: { before: role, role } });
        return before;
      }
      const changed = await store.changeRole(
        { serverId, userId, from: before.role, to: role, grantedBy: caller.user.id },
        inOrder(
          role === 'viewer' ? endMaintenanceOf(serverId, userId) : undefined,
          audit?.change({ target: userId, details: { before: before.role, role } }),
        ),
        caller.user.isSuperAdmin ? undefined : caller.user.id,
      );
      if (!changed) throw changedMeanwhile();
      await onChanged(serverId, userId);
      return { ...before, role, grantedBy: caller.user.id };
    },

    /**
     * From the next call on that person may do nothing here. Owners revoke others, and every other member may leave.
     * @throws AppError as `changeRole`; `forbidden` for another person's role, without being the owner
     */
    async revoke(caller: Caller, serverId: string, userId: string, audit?: AuditRecorder): Promise<void> {
      if (userId !== caller.user.id) await checkOwns(caller, serverId);
      const { role } = await findChangeable(serverId, userId);
      const removed = await store.removeGrant(
        { serverId, userId, from: role },
        inOrder(
          endMaintenanceOf(serverId, userId),
          audit?.change({ target: userId, details: { before: role } }),
        ),
        caller.user.isSuperAdmin || userId === caller.user.id ? undefined : caller.user.id,
      );
      if (!removed) throw changedMeanwhile();
      await onChanged(serverId, userId);
    },

    /**
     * Makes `userId` the owner; the former owner stays as admin, and open invites end.
     * @throws AppError `conflict` for the present owner, for somebody who has never signed in or is disabled, and for who may not add servers
     * or was given too many
     */
    async transfer(caller: Caller, serverId: string, userId: string, audit?: AuditRecorder): Promise<void> {
      const owner = await store.findOwnerId(serverId);
      if (owner === undefined) throw new AppError('not_found', 'There is no such server.');
      // Of two transfers at once the second would take the server from its new owner.
      if (owner !== caller.user.id && !caller.user.isSuperAdmin) throw changedMeanwhile();
      if (owner === userId) throw new AppError('conflict', `"${userId}" owns this server already.`);
      if (!(await store.hasSignedIn(userId)))
        throw new AppError('conflict', `"${userId}" has never signed in to this Buoy.`, {
          hint: 'Ask that person to sign in once, then transfer the server. Otherwise it could be left without an owner.',
        });
      if (await store.isDisabled(userId))
        throw new AppError('conflict', `"${userId}" is disabled and cannot become an owner.`, {
          hint: 'Choose someone else, or ask a super-admin to enable that person first.',
        });
      const limit = (await isSuperAdmin(userId))
        ? null
        : {
            maxOwned: serversPerUser,
            full: () => wasGivenTooMany(userId, serversPerUser),
            mayNotOwn: () => mayNotOwn(userId),
          };
      const transferred = await store.transfer(
        { serverId, from: owner, to: userId, grantedBy: caller.user.id, now: isoTime(clock.now()), limit },
        audit?.change({ target: userId, details: { before: owner } }),
      );
      if (!transferred) throw changedMeanwhile();
      await onChanged(serverId, userId);
    },
  };
}

/** null for nobody, and for a role that this Buoy does not know: it gives nothing. */
function present(row: MemberRow | undefined): Member | null {
  const role: Role | null = roleSchema
    .nullable()
    .catch(null)
    .parse(row?.role ?? null);
  if (row === undefined || role === null) return null;
  const { userId, username, displayName, grantedBy, createdAt } = row;
  return { userId, username, firstName: displayName ?? row.firstName, role, grantedBy, createdAt };
}

function alreadyMember({ userId, role }: Member): AppError {
  return new AppError('duplicate', `"${userId}" is a member already, with the role "${role}".`, {
    hint: 'Change the role instead.',
    details: { role },
  });
}

function nobodysId(userId: string): AppError {
  const message = 'must be a Telegram user id (digits only) or the id of someone who has signed in';
  return new AppError('invalid_request', `Nobody can sign in as "${userId}": the id ${message}.`, {
    hint: 'If you do not know the id, make an invite link and send it to that person.',
    details: [{ path: 'userId', message }],
  });
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', 'Access to this server was changed at the same moment.', {
    hint: 'Check the members, then repeat your change.',
  });
}
