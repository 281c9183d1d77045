// SQL for sign-ins of devices that wait for a person's approval; an approval is used up by the session that it opens.

import type { DatabaseHandle } from '../db/database.ts';
import type { DeviceLoginTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';
import type { CallerInPerson } from './caller.ts';
import { liveSessions } from './sessions.store.ts';

/** Rows removed by one sign-in that begins: many at once would hold up everybody. */
const FORGOTTEN_AT_ONCE = 500;

export type DeviceLoginStore = ReturnType<typeof createDeviceLoginStore>;

export function createDeviceLoginStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  const open = (now: string) => db.selectFrom('deviceLogins').selectAll().where('expiresAt', '>', now);

  return {
    /**
     * Stores a request; false when its code is in use.
     * @param limit.full makes the error when `maxOpen` from the same address are open; it is told when the oldest of them ends
     */
    async insert(
      login: DeviceLoginTable,
      limit: { maxOpen: number; full: (oldestEndsAt: string) => Error },
    ): Promise<boolean> {
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, `device-login ${login.ip ?? ''}`);
        const others = await trx
          .selectFrom('deviceLogins')
          .select('expiresAt')
          .where('ip', '=', login.ip)
          .where('expiresAt', '>', login.createdAt)
          .orderBy('expiresAt')
          .execute();
        const [oldest] = others;
        if (oldest !== undefined && others.length >= limit.maxOpen) throw limit.full(oldest.expiresAt);
        const inserted = await trx
          .insertInto('deviceLogins')
          .values(login)
          .onConflict((conflict) => conflict.column('userCode').doNothing())
          .returning('userCode')
          .executeTakeFirst();
        return inserted !== undefined;
      });
    },

    async findByUserCode(userCode: string, now: string): Promise<DeviceLoginTable | undefined> {
      return open(now).where('userCode', '=', userCode).executeTakeFirst();
    },

    async findByDeviceCode(deviceCodeHash: string, now: string): Promise<DeviceLoginTable | undefined> {
      return open(now).where('deviceCodeHash', '=', deviceCodeHash).executeTakeFirst();
    },

    /** False when it is over, or somebody has approved it: of two who approve at once, one does. */
    async approve(
      userCode: string,
      { user, sessionId }: Pick<CallerInPerson, 'sessionId'> & { user: { id: string } },
      now: string,
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .updateTable('deviceLogins')
          .set({ approvedBy: user.id, approvedBySession: sessionId })
          .where('userCode', '=', userCode)
          .where('approvedBy', 'is', null)
          .where('expiresAt', '>', now)
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
    },

    /**
     * For the transaction that opens the session: takes the approval of `userId` away.
     * @param gone makes the error that undoes that transaction when the approval was used up or is over, as is one whose session has ended: a
     * thief there may have given it, to come back by it
     */
    usingUp(
      login: { deviceCodeHash: string; userId: string; now: string },
      gone: () => Error,
    ): TransactionHook {
      return async (trx) => {
        const used = await trx
          .deleteFrom('deviceLogins')
          .where('deviceCodeHash', '=', login.deviceCodeHash)
          .where('approvedBy', '=', login.userId)
          .where('expiresAt', '>', login.now)
          .returning('approvedBySession')
          .executeTakeFirst();
        const session = await liveSessions(trx, login.now)
          .select('sessions.id')
          .where('sessions.id', '=', used?.approvedBySession ?? '')
          .executeTakeFirst();
        if (session === undefined) throw gone();
      };
    },

    async forgetExpired(now: string): Promise<void> {
      const expired = db.selectFrom('deviceLogins').select('deviceCodeHash').where('expiresAt', '<=', now);
      await db
        .deleteFrom('deviceLogins')
        .where('deviceCodeHash', 'in', expired.limit(FORGOTTEN_AT_ONCE))
        .execute();
    },
  };
}
