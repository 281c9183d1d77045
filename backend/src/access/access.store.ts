// SQL for grants: the roles of people on servers.

import { approvePerson } from '../db/approve-person.ts';
import type { Db } from '../db/database.ts';
import { checkMayOwn, checkOwnedServers, type OwnedServersLimit } from '../db/owned-servers.ts';
import type { GrantTable } from '../db/schema.ts';
import { checkServerName } from '../db/server-names.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { changeAccess, checkMembers } from './change-access.store.ts';

/** A grant with its person's profile; null until the first sign-in. */
export type MemberRow = GrantTable & {
  username: string | null;
  firstName: string | null;
  displayName: string | null;
};

export type AccessStore = ReturnType<typeof createAccessStore>;

export function createAccessStore(db: Db) {
  const members = (serverId: string) =>
    db
      .selectFrom('grants')
      .leftJoin('users', 'users.id', 'grants.userId')
      .selectAll('grants')
      .select(['users.username', 'users.firstName', 'users.displayName'])
      .where('grants.serverId', '=', serverId);

  return {
    async serverExists(serverId: string): Promise<boolean> {
      return (
        (await db.selectFrom('servers').select('id').where('id', '=', serverId).executeTakeFirst()) !==
        undefined
      );
    },

    async findRole(serverId: string, userId: string): Promise<string | undefined> {
      const grant = await db
        .selectFrom('grants')
        .select('role')
        .where('serverId', '=', serverId)
        .where('userId', '=', userId)
        .executeTakeFirst();
      return grant?.role;
    },

    async listServerIds(userId: string): Promise<string[]> {
      const grants = await db.selectFrom('grants').select('serverId').where('userId', '=', userId).execute();
      return grants.map((grant) => grant.serverId);
    },

    /** The owner first, then in the order in which they came. */
    async listMembers(serverId: string): Promise<MemberRow[]> {
      return members(serverId)
        .orderBy((e) => e.case().when('grants.role', '=', 'owner').then(0).else(1).end())
        .orderBy('grants.createdAt')
        .orderBy('grants.userId')
        .execute();
    },

    async findMember(serverId: string, userId: string): Promise<MemberRow | undefined> {
      return members(serverId).where('grants.userId', '=', userId).executeTakeFirst();
    },

    async findOwnerId(serverId: string): Promise<string | undefined> {
      const grant = await db
        .selectFrom('grants')
        .select('userId')
        .where('serverId', '=', serverId)
        .where('role', '=', 'owner')
        .executeTakeFirst();
      return grant?.userId;
    },

    async hasSignedIn(userId: string): Promise<boolean> {
      return (
        (await db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst()) !== undefined
      );
    },

    async isDisabled(userId: string): Promise<boolean> {
      const person = await db
        .selectFrom('users')
        .select('disabledAt')
        .where('id', '=', userId)
        .executeTakeFirst();
      return person !== undefined && person.disabledAt !== null;
    },

    /**
     * Gives a role, which approves its person. False when that person is a member already.
     * @param ownerId as in `changeAccess`
     */
    async insertGrant(grant: GrantTable, also?: TransactionHook, ownerId?: string): Promise<boolean> {
      const insert = async (trx: Db) => {
        const member = await trx
          .selectFrom('grants')
          .select('role')
          .where('serverId', '=', grant.serverId)
          .where('userId', '=', grant.userId)
          .executeTakeFirst();
        if (member !== undefined) return false;
        await checkMembers(trx, grant.serverId);
        await trx.insertInto('grants').values(grant).execute();
        await approvePerson(trx, grant.userId, grant.createdAt);
        return true;
      };
      return changeAccess(db, grant.serverId, also, insert, ownerId);
    },

    /** Gives the role `to` to a member who has the role `from`; false when they have it no longer. */
    async changeRole(
      change: { serverId: string; userId: string; from: string; to: string; grantedBy: string },
      also?: TransactionHook,
      ownerId?: string,
    ): Promise<boolean> {
      const update = async (trx: Db) => {
        const result = await trx
          .updateTable('grants')
          .set({ role: change.to, grantedBy: change.grantedBy })
          .where('serverId', '=', change.serverId)
          .where('userId', '=', change.userId)
          .where('role', '=', change.from)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      };
      return changeAccess(db, change.serverId, also, update, ownerId);
    },

    /** False when that member has the role `from` no longer. */
    async removeGrant(
      grant: { serverId: string; userId: string; from: string },
      also?: TransactionHook,
      ownerId?: string,
    ): Promise<boolean> {
      const remove = async (trx: Db) => {
        const result = await trx
          .deleteFrom('grants')
          .where('serverId', '=', grant.serverId)
          .where('userId', '=', grant.userId)
          .where('role', '=', grant.from)
          .executeTakeFirst();
        return result.numDeletedRows === 1n;
      };
      return changeAccess(db, grant.serverId, also, remove, ownerId);
    },

    /**
     * Makes `to` the owner and the owner `from` an admin; false when `from` owns the server no longer.
     * @param change.limit how many servers `to` may have been given, and the error when they may own none; null: any number
     * @throws AppError `duplicate` when `to` owns another server of that name
     * Invites that are still open were the former owner's word and end with it: else they could come back by one later. So is the way
     * through a jump server, unless the new owner takes the server themselves: their right to use it must not serve somebody else.
     */
    async transfer(
      change: {
        serverId: string;
        from: string;
        to: string;
        grantedBy: string;
        now: string;
        limit: (OwnedServersLimit & { mayNotOwn: () => Error }) | null;
      },
      also?: TransactionHook,
    ): Promise<boolean> {
      const { serverId, from, to, grantedBy, now, limit } = change;
      return changeAccess(db, serverId, also, async (trx) => {
        // First down, then up: the index grants_one_owner allows no second owner even for an instant.
        const demoted = await trx
          .updateTable('grants')
          .set({ role: 'admin', grantedBy })
          .where('serverId', '=', serverId)
          .where('userId', '=', from)
          .where('role', '=', 'owner')
          .executeTakeFirst();
        if (demoted.numUpdatedRows !== 1n) return false;
        if (limit !== null) {
          await checkMayOwn(trx, to, limit.mayNotOwn);
          await checkOwnedServers(trx, to, 'given', limit);
        }
        const { name } = await trx
          .selectFrom('servers')
          .select('name')
          .where('id', '=', serverId)
          .executeTakeFirstOrThrow();
        await checkServerName(trx, { serverId, name, ownerId: to });
        await approvePerson(trx, to, now);
        await trx
          .insertInto('grants')
          .values({ serverId, userId: to, role: 'owner', grantedBy, createdAt: now })
          .onConflict((conflict) =>
            conflict.columns(['serverId', 'userId']).doUpdateSet({ role: 'owner', grantedBy }),
          )
          .execute();
        await trx
          .deleteFrom('invites')
          .where('serverId', '=', serverId)
          .where('acceptedBy', 'is', null)
          .execute();
        if (grantedBy !== to)
          await trx
            .updateTable('servers')
            .set((e) => ({
              jumpServerId: null,
              jumpServerRemoved: 1,
              // Shown behind the old way.
              ...{ offeredKeyAlgorithm: null, offeredKeyFingerprint: null },
              version: e('version', '+', 1),
              updatedAt: now,
            }))
            .where('id', '=', serverId)
            .where('jumpServerId', 'is not', null)
            .execute();
        return true;
      });
    },
  };
}
