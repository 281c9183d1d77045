// SQL for invites: links that one person can accept once.

import { approvePerson } from '../db/approve-person.ts';
import type { Db } from '../db/database.ts';
import { lockPerson } from '../db/lock-person.ts';
import type { InviteTable, UserTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { changeAccess, checkMembers, lockAccess } from './change-access.store.ts';

export type NewInvite = Omit<InviteTable, 'acceptedBy' | 'acceptedAt'>;

/** `full` makes the error for a person who has `maxGuests` guests already. */
export type GuestsLimit = { maxGuests: number; full: () => Error };

export type InviteStore = ReturnType<typeof createInviteStore>;

export function createInviteStore(db: Db) {
  return {
    /** Invites that can still be accepted, oldest first. */
    async listOpen(serverId: string, now: string): Promise<InviteTable[]> {
      return db
        .selectFrom('invites')
        .selectAll()
        .where('serverId', '=', serverId)
        .where('acceptedBy', 'is', null)
        .where('expiresAt', '>', now)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
    },

    /** Open, used or expired. */
    async findByCode(codeHash: string): Promise<InviteTable | undefined> {
      return db.selectFrom('invites').selectAll().where('codeHash', '=', codeHash).executeTakeFirst();
    },

    /** The server's name, and who made the invite if they are known. */
    async describe(
      invite: Pick<InviteTable, 'serverId' | 'createdBy'>,
    ): Promise<{ serverName: string; maker: UserTable | undefined } | undefined> {
      const server = await db
        .selectFrom('servers')
        .select('name')
        .where('id', '=', invite.serverId)
        .executeTakeFirst();
      const maker = await db
        .selectFrom('users')
        .selectAll()
        .where('id', '=', invite.createdBy)
        .executeTakeFirst();
      return server === undefined ? undefined : { serverName: server.name, maker };
    },

    /**
     * False when the server has `maxOpen` open ones already. Expired ones of the server go.
     * @param ownerId as in `changeAccess`
     */
    async insert(
      invite: NewInvite,
      maxOpen: number,
      also?: TransactionHook,
      ownerId?: string,
    ): Promise<boolean> {
      const { serverId, createdAt: now } = invite;
      const insert = async (trx: Db) => {
        await trx
          .deleteFrom('invites')
          .where('serverId', '=', serverId)
          .where('expiresAt', '<=', now)
          .execute();
        const { open } = await trx
          .selectFrom('invites')
          .select((e) => e.fn.countAll<number>().as('open'))
          .where('serverId', '=', serverId)
          .where('acceptedBy', 'is', null)
          .executeTakeFirstOrThrow();
        if (open >= maxOpen) return false;
        await trx
          .insertInto('invites')
          .values({ ...invite, acceptedBy: null, acceptedAt: null })
          .execute();
        return true;
      };
      return changeAccess(db, serverId, also, insert, ownerId);
    },

    /** False when the server has no such open invite. */
    async remove(
      invite: { serverId: string; id: string; now: string },
      also?: TransactionHook,
    ): Promise<boolean> {
      return changeAccess(db, invite.serverId, also, async (trx) => {
        const result = await trx
          .deleteFrom('invites')
          .where('serverId', '=', invite.serverId)
          .where('id', '=', invite.id)
          .where('acceptedBy', 'is', null)
          .where('expiresAt', '>', invite.now)
          .executeTakeFirst();
        return result.numDeletedRows === 1n;
      });
    },

    /**
     * Uses an invite up and gives its role to `userId`, who holds `held` so far (null: nothing) and is approved by it.
     * @returns false when it is not open any more, its maker is disabled, or that person holds something else by now; the invite stays as it is then
     */
    async accept(
      invite: Pick<InviteTable, 'id' | 'serverId' | 'role' | 'createdBy'>,
      by: { userId: string; held: string | null; now: string },
      also?: TransactionHook,
    ): Promise<boolean> {
      const { serverId, role, createdBy: grantedBy } = invite;
      const { userId, held, now } = by;
      return changeAccess(db, serverId, also, async (trx) => {
        const grant = await trx
          .selectFrom('grants')
          .select('role')
          .where('serverId', '=', serverId)
          .where('userId', '=', userId)
          .executeTakeFirst();
        if ((grant?.role ?? null) !== held) return false;
        if (!(await useUp(trx, invite, userId, now))) return false;
        if (held === null) await checkMembers(trx, serverId);
        await trx
          .insertInto('grants')
          .values({ serverId, userId, role, grantedBy, createdAt: now })
          .onConflict((conflict) => conflict.columns(['serverId', 'userId']).doUpdateSet({ role, grantedBy }))
          .execute();
        await approvePerson(trx, userId, now);
        return true;
      });
    },

    /**
     * Makes `guest`, who is approved by it, and gives them the role of an invite, which is used up. It throws `notOpen()` when the
     * invite is not open any more or its maker is disabled.
     * @param refusals.limit how many guests the maker may have; null: any number
     */
    admitting(
      invite: Pick<InviteTable, 'id' | 'serverId' | 'role' | 'createdBy'>,
      guest: UserTable,
      { notOpen, limit }: { notOpen: () => Error; limit: GuestsLimit | null },
    ): TransactionHook {
      const { serverId, role, createdBy: grantedBy } = invite;
      const { id: userId, createdAt: now } = guest;
      return async (trx) => {
        await lockAccess(trx, serverId);
        if (!(await useUp(trx, invite, userId, now))) throw notOpen();
        await checkMembers(trx, serverId);
        if (limit !== null) await checkGuests(trx, grantedBy, limit);
        await trx.insertInto('users').values(guest).execute();
        await trx
          .insertInto('grants')
          .values({ serverId, userId, role, grantedBy, createdAt: now })
          .execute();
      };
    },
  };
}

/** Counts the guests of a person who are not disabled, while other guests of theirs wait. @throws what `limit.full` makes */
async function checkGuests(trx: Db, invitedBy: string, limit: GuestsLimit): Promise<void> {
  await lockPerson(trx, invitedBy);
  const { guests } = await trx
    .selectFrom('users')
    .select((e) => e.fn.countAll<number>().as('guests'))
    .where('invitedBy', '=', invitedBy)
    .where('disabledAt', 'is', null)
    .executeTakeFirstOrThrow();
  if (guests >= limit.maxGuests) throw limit.full();
}

/** False when it is not open any more, or its maker is disabled. */
async function useUp(
  trx: Db,
  { id, createdBy }: Pick<InviteTable, 'id' | 'createdBy'>,
  userId: string,
  now: string,
): Promise<boolean> {
  const used = await trx
    .updateTable('invites')
    .set({ acceptedBy: userId, acceptedAt: now })
    .where('id', '=', id)
    .where('acceptedBy', 'is', null)
    .where('expiresAt', '>', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('users').select('id').where('id', '=', createdBy).where('disabledAt', 'is not', null),
        ),
      ),
    )
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}
