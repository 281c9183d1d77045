// SQL for notification channels: where the notifications of each person go.
import type { DatabaseHandle, Db } from '../db/database.ts';
import type { NotificationChannelTable } from '../db/schema.ts';
import { takeTurn } from '../db/take-turn.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type ChannelRow = NotificationChannelTable;

export type ChannelStore = ReturnType<typeof createChannelStore>;

export function createChannelStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  const find = async (userId: string, id: string): Promise<ChannelRow | undefined> =>
    db
      .selectFrom('notificationChannels')
      .selectAll()
      .where('userId', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();

  return {
    /** Undefined also for one of somebody else. */
    find,

    /** The oldest first. */
    async list(userId: string): Promise<ChannelRow[]> {
      return db
        .selectFrom('notificationChannels')
        .selectAll()
        .where('userId', '=', userId)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
    },

    /** How many of all that are switched on are in each state. */
    async countByState(): Promise<Array<{ state: string; channels: number }>> {
      const rows = await db
        .selectFrom('notificationChannels')
        .select((e) => ['state', e.fn.countAll<number>().as('channels')])
        .where('enabled', '=', 1)
        .groupBy('state')
        .execute();
      return rows.map(({ state, channels }) => ({ state, channels: Number(channels) }));
    },

    /** `full`: the person has `max`; `duplicate`: one that leads to the same place. */
    async insert(
      row: ChannelRow,
      max: number,
      also?: TransactionHook,
    ): Promise<'inserted' | 'full' | 'duplicate'> {
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, `notification channels of ${row.userId}`);
        const own = await trx
          .selectFrom('notificationChannels')
          .select('settingsHash')
          .where('userId', '=', row.userId)
          .execute();
        if (own.some(({ settingsHash }) => settingsHash === row.settingsHash)) return 'duplicate';
        if (own.length >= max) return 'full';
        await trx.insertInto('notificationChannels').values(row).execute();
        await also?.(trx);
        return 'inserted';
      });
    },

    /** False when the person has no such channel any more. */
    async update(
      { userId, id }: Pick<ChannelRow, 'userId' | 'id'>,
      change: Partial<ChannelRow>,
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const changed = await trx
          .updateTable('notificationChannels')
          .set(change)
          .where('userId', '=', userId)
          .where('id', '=', id)
          .executeTakeFirst();
        return changed.numUpdatedRows === 1n;
      });
    },

    block: (id: string, error: string): Promise<void> => blockChannel(db, id, error),

    /** Counts a wrong code; false when that person may try no more of them. */
    async countAttempt({ userId, id }: Pick<ChannelRow, 'userId' | 'id'>, max: number): Promise<boolean> {
      const counted = await db
        .updateTable('notificationChannels')
        .set((e) => ({ codeAttempts: e('codeAttempts', '+', 1) }))
        .where('userId', '=', userId)
        .where('id', '=', id)
        .where('codeAttempts', '<', max)
        .executeTakeFirst();
      return counted.numUpdatedRows === 1n;
    },

    /** False when there was none. */
    async remove(
      { userId, id }: Pick<ChannelRow, 'userId' | 'id'>,
      also?: TransactionHook,
    ): Promise<boolean> {
      return withTransactionHook(db, also, async (trx) => {
        const removed = await trx
          .deleteFrom('notificationChannels')
          .where('userId', '=', userId)
          .where('id', '=', id)
          .executeTakeFirst();
        return removed.numDeletedRows === 1n;
      });
    },
  };
}

/** Nothing is sent there any more, until its person does something about it, and what waits for it goes. */
export async function blockChannel(db: Db, id: string, error: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('notificationDeliveries').where('channelId', '=', id).execute();
    await trx
      .updateTable('notificationChannels')
      .set({ state: 'blocked', lastError: error, busyUntil: null })
      .where('id', '=', id)
      .execute();
  });
}
