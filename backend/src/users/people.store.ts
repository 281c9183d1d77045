// SQL for what super-admins do to people: approve, refuse, disable, enable, and the right to add servers.

import { approvePerson } from '../db/approve-person.ts';
import type { DatabaseHandle } from '../db/database.ts';
import type { UserTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type PeopleStore = ReturnType<typeof createPeopleStore>;

/** Each write answers false when there was nothing to change; `also` is left out then. */
export function createPeopleStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  return {
    async approve(id: string, now: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, (trx) => approvePerson(trx, id, now));
    },

    /** Keeps that the person was refused at `now`, whether or not a request waits. */
    async refuse(id: string, now: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const pending = await trx
          .updateTable('users')
          .set((e) => ({ createdAt: e.ref('createdAt') }))
          .where('id', '=', id)
          .where('approvedAt', 'is', null)
          .executeTakeFirst();
        if (pending.numUpdatedRows !== 1n) return false;
        await trx
          .insertInto('accessRequests')
          .values({ userId: id, requestedAt: now, refusedAt: now })
          .onConflict((conflict) => conflict.column('userId').doUpdateSet({ refusedAt: now }))
          .execute();
        return true;
      });
    },

    async insert(person: UserTable, also?: TransactionHook): Promise<void> {
      await withTransactionHook(db, also, async (trx) => {
        await trx.insertInto('users').values(person).execute();
      });
    },

    async change(
      id: string,
      change: Partial<Pick<UserTable, 'mayAddServers' | 'displayName'>>,
      also?: TransactionHook,
    ): Promise<boolean> {
      const columns = Object.entries(change) as Array<[keyof typeof change, string | number | null]>;
      if (columns.length === 0) return false;
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .updateTable('users')
          .set(change)
          .where('id', '=', id)
          .where((e) => e.or(columns.map(([column, value]) => e(column, 'is distinct from', value))))
          .executeTakeFirst();
        return result.numUpdatedRows === 1n;
      });
    },

    /**
     * Disables a person and ends their sessions, API tokens and Control UI sessions. No session is opened
     * for them any more, so links and devices that wait are refused with the reason, and go with `enable`.
     * @param last.isConfigured whether super-admins stand in the configuration, who cannot be disabled
     * @param last.refused makes the error for the last super-admin
     */
    async disable(
      id: string,
      now: string,
      last: { isConfigured: boolean; refused: () => Error },
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        // Of two super-admins who disable each other at once, the second must see what the first has done.
        await takeTurn(trx, dialect, 'disable-person');
        const result = await trx
          .updateTable('users')
          .set({ disabledAt: now })
          .where('id', '=', id)
          .where('disabledAt', 'is', null)
          .returning('isSuperAdmin')
          .executeTakeFirst();
        if (result === undefined) return false;
        if (result.isSuperAdmin === 1 && !last.isConfigured) {
          const other = await trx
            .selectFrom('users')
            .select('id')
            .where('isSuperAdmin', '=', 1)
            .where('disabledAt', 'is', null)
            .limit(1)
            .executeTakeFirst();
          if (other === undefined) throw last.refused();
        }
        await trx
          .updateTable('sessions')
          .set({ revokedAt: now })
          .where('userId', '=', id)
          .where('revokedAt', 'is', null)
          .execute();
        await trx.deleteFrom('apiTokens').where('userId', '=', id).execute();
        await trx.deleteFrom('controlUiVisits').where('userId', '=', id).execute();
        await trx.deleteFrom('accessRequests').where('userId', '=', id).execute();
        return true;
      });
    },

    /**
     * Lets a person sign in again. Links, device approvals, passkeys, open invites and notification channels from before go, since somebody
     * else may have made them: only what is asked for from now on works.
     */
    async enable(id: string, also?: TransactionHook): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const result = await trx
          .updateTable('users')
          .set({ disabledAt: null })
          .where('id', '=', id)
          .where('disabledAt', 'is not', null)
          .executeTakeFirst();
        if (result.numUpdatedRows !== 1n) return false;
        await trx.deleteFrom('deviceLogins').where('approvedBy', '=', id).execute();
        await trx.deleteFrom('signInLinks').where('userId', '=', id).where('usedAt', 'is', null).execute();
        await trx.deleteFrom('passkeys').where('userId', '=', id).execute();
        await trx.deleteFrom('notificationChannels').where('userId', '=', id).execute();
        await trx.deleteFrom('invites').where('createdBy', '=', id).where('acceptedBy', 'is', null).execute();
        return true;
      });
    },
  };
}
