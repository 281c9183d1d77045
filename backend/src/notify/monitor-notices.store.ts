// SQL for what super-admins are told of the monitor: one row for each channel, from the moment that it is stale until its end is told.
import type { Db } from '../db/database.ts';
import type {
  MonitorNoticeTable,
  MonitorRoundTable,
  NotificationChannelTable,
  UserTable,
} from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import type { MonitorNews } from './sender.ts';

export type MonitorNotice = Omit<MonitorNoticeTable, 'kind'> & { kind: MonitorNews };
/** With the language of its person. */
export type DueChannel = NotificationChannelTable & Pick<UserTable, 'languageCode'>;
type NoticeTimes = { at: string; now: string; giveUpAt: string };

/** Values of one statement stay below what SQLite takes. */
const ROWS_AT_ONCE = 100;

export type MonitorNoticeStore = ReturnType<typeof createMonitorNoticeStore>;

/** @param superAdminIds super-admins by configuration */
export function createMonitorNoticeStore(db: Db, superAdminIds: readonly string[]) {
  /** Channels of super-admins that take something. */
  const openChannels = (trx: Db) =>
    trx
      .selectFrom('notificationChannels')
      .innerJoin('users', 'users.id', 'notificationChannels.userId')
      .where('users.disabledAt', 'is', null)
      .where((e) =>
        e.or([
          e('users.isSuperAdmin', '=', 1),
          ...(superAdminIds.length === 0 ? [] : [e('users.id', 'in', superAdminIds)]),
        ]),
      )
      .where('notificationChannels.enabled', '=', 1)
      .where('notificationChannels.state', 'in', ['ok', 'failing']);

  return {
    /** Undefined before the first start of a monitor. */
    async round(): Promise<Pick<MonitorRoundTable, 'endedAt' | 'staleSince'> | undefined> {
      return db.selectFrom('monitorRounds').select(['endedAt', 'staleSince']).executeTakeFirst();
    },

    /**
     * The monitor is stale: puts a notice for each open channel of a super-admin. False when another Buoy has done so, or when a round has
     * ended since `endedAt` was read.
     */
    async begin(
      endedAt: string | null,
      { since, at, now, giveUpAt }: NoticeTimes & { since: string },
    ): Promise<boolean> {
      return db.transaction().execute(async (trx) => {
        const begun = await trx
          .updateTable('monitorRounds')
          .set({ staleSince: since })
          .where('staleSince', 'is', null)
          .where('endedAt', endedAt === null ? 'is' : '=', endedAt)
          .executeTakeFirst();
        if (begun.numUpdatedRows === 0n) return false;
        const channels = await openChannels(trx).select('notificationChannels.id').execute();
        const notices = channels.map(({ id: channelId }) => ({
          ...{ channelId, id: newId('ntf'), kind: 'monitor_stale', since, at },
          ...{ attempts: 0, dueAt: now, giveUpAt },
        }));
        await trx.deleteFrom('monitorNotices').execute();
        for (let start = 0; start < notices.length; start += ROWS_AT_ONCE)
          await trx
            .insertInto('monitorNotices')
            .values(notices.slice(start, start + ROWS_AT_ONCE))
            .execute();
        return true;
      });
    },

    /**
     * A round has ended at `at`: that is told in the place of the notice before, sent or not. False when another Buoy has done so, or when
     * the monitor was not stale.
     */
    async end({ at, now, giveUpAt }: NoticeTimes): Promise<boolean> {
      return db.transaction().execute(async (trx) => {
        const ended = await trx
          .updateTable('monitorRounds')
          .set({ staleSince: null })
          .where('staleSince', 'is not', null)
          .where('endedAt', '=', at)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) return false;
        const told = await trx.selectFrom('monitorNotices').select('channelId').execute();
        for (const { channelId } of told)
          await trx
            .updateTable('monitorNotices')
            .set({ id: newId('ntf'), kind: 'monitor_recovered', at, attempts: 0, dueAt: now, giveUpAt })
            .where('channelId', '=', channelId)
            .execute();
        return true;
      });
    },

    /** Open channels of super-admins that have a notice due, that do not wait after a failure, and that no Buoy sends to. */
    async dueChannels(now: string): Promise<DueChannel[]> {
      return openChannels(db)
        .innerJoin('monitorNotices', 'monitorNotices.channelId', 'notificationChannels.id')
        .selectAll('notificationChannels')
        .select('users.languageCode')
        .where('monitorNotices.dueAt', '<=', now)
        .where((e) => e.or([e('retryAt', 'is', null), e('retryAt', '<=', now)]))
        .where((e) => e.or([e('busyUntil', 'is', null), e('busyUntil', '<=', now)]))
        .execute();
    },

    /** What is due for a channel; undefined when another Buoy has sent it meanwhile. */
    async due(channelId: string, now: string): Promise<MonitorNotice | undefined> {
      const row = await db
        .selectFrom('monitorNotices')
        .selectAll()
        .where('channelId', '=', channelId)
        .where('dueAt', '<=', now)
        .executeTakeFirst();
      return row && { ...row, kind: row.kind === 'monitor_recovered' ? row.kind : 'monitor_stale' };
    },

    /** It waits until then, after a failed attempt or for the end of quiet hours. */
    async hold(id: string, change: { dueAt: string } & Partial<MonitorNoticeTable>): Promise<void> {
      await db.updateTable('monitorNotices').set(change).where('id', '=', id).execute();
    },

    /** It was sent. That the monitor is stale stays known: its end is told where that was. */
    async sent({ id, kind }: MonitorNotice): Promise<void> {
      if (kind === 'monitor_stale')
        await db.updateTable('monitorNotices').set({ dueAt: null }).where('id', '=', id).execute();
      else await db.deleteFrom('monitorNotices').where('id', '=', id).execute();
    },

    /** It is not sent. */
    async drop(id: string): Promise<void> {
      await db.deleteFrom('monitorNotices').where('id', '=', id).execute();
    },

    /** Removes what nobody took in time. */
    async dropLate(now: string): Promise<void> {
      await db
        .deleteFrom('monitorNotices')
        .where('dueAt', 'is not', null)
        .where('giveUpAt', '<=', now)
        .execute();
    },

    /** Notices that wait, and of those the ones that are due. */
    async waiting(now: string): Promise<{ due: number; held: number }> {
      const rows = await db
        .selectFrom('monitorNotices')
        .select('dueAt')
        .where('dueAt', 'is not', null)
        .execute();
      const due = rows.filter(({ dueAt }) => dueAt !== null && dueAt <= now).length;
      return { due, held: rows.length - due };
    },
  };
}
