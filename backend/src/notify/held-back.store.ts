// SQL for what is not told while a server is in maintenance.
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';

/**
 * Whether a server is in maintenance, or has been and what happened in it is not dealt with yet: a window that has begun is there until then.
 * @param serverId the column that has its id
 */
export function isHeldBack(serverId: string, now: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from maintenance_windows
    where maintenance_windows.server_id = ${sql.ref(serverId)} and maintenance_windows.starts_at <= ${now})`;
}

/** Part of a maintenance window, and when a delivery that waited in it is given up. */
export type HeldSpan = { from: string; until: string; giveUpAt: string };

export type HeldBackStore = ReturnType<typeof createHeldBackStore>;

export function createHeldBackStore(db: Db) {
  return {
    holdBack,

    /** Servers that are held back and have something new in it, and since when they are. */
    async serversWithNews(now: string): Promise<Array<{ serverId: string; from: string }>> {
      return db
        .selectFrom('maintenanceWindows')
        .select((e) => ['serverId', e.fn.min('startsAt').as('from')])
        .where('startsAt', '<=', now)
        .where((e) =>
          e.exists(
            e
              .selectFrom('alertEvents')
              .select('alertEvents.id')
              .whereRef('alertEvents.serverId', '=', 'maintenanceWindows.serverId')
              .whereRef('alertEvents.at', '>=', 'maintenanceWindows.startsAt')
              .where('alertEvents.held', '=', 0),
          ),
        )
        .groupBy('serverId')
        .execute();
    },

    /** Whether any of these servers is held back. */
    async isAnyHeld(serverIds: readonly string[], now: string): Promise<boolean> {
      const held = await db
        .selectFrom('servers')
        .select('id')
        .where('id', 'in', serverIds)
        .where(isHeldBack('servers.id', now))
        .limit(1)
        .executeTakeFirst();
      return held !== undefined;
    },

    /** The same as `holdBack`, in a transaction of its own: for a window that goes on. */
    async hold(serverId: string, time: HeldSpan): Promise<void> {
      await db.transaction().execute(holdBack(serverId, time));
    },
  };
}

/** Forgets what began or ended in that time and is over, and keeps the rest of the server to be told later, once. */
function holdBack(serverId: string, { from, until, giveUpAt }: HeldSpan): TransactionHook {
  return async (trx) => {
    const ofServer = trx.selectFrom('alerts').select('id').where('serverId', '=', serverId);
    const over = ofServer.where('resolvedAt', '>=', from).where('resolvedAt', '<=', until);
    const events = trx.deleteFrom('alertEvents').where('serverId', '=', serverId).where('at', '<=', until);
    // What people did about an alert wakes nobody later.
    await events.where('kind', 'in', ['acknowledged', 'snoozed']).where('at', '>=', from).execute();
    const firing = events.where('kind', '=', 'firing');
    await firing.where('alertId', 'in', over).execute();
    // A snooze that lasts tells it at its own end.
    await firing.where('alertId', 'in', ofServer.where('snoozedUntil', '>', until)).execute();
    // One that became worse, or whose snoozes ended, is told once.
    await firing
      .where(
        sql<SqlBool>`exists (select 1 from alert_events as later where later.alert_id = alert_events.alert_id
          and later.kind = 'firing' and later.at <= ${until}
          and (later.at > alert_events.at or (later.at = alert_events.at and later.id > alert_events.id)))`,
      )
      .execute();
    await trx
      .updateTable('alertEvents')
      .set({ held: 1 })
      .where('serverId', '=', serverId)
      .where('at', '>=', from)
      .where('at', '<=', until)
      .execute();
    // Of a channel that is busy the message may be on its way: then the end is told, too.
    const busy = trx.selectFrom('notificationChannels').select('id').where('busyUntil', '>', until);
    await trx
      .deleteFrom('notificationDeliveries')
      .where('serverId', '=', serverId)
      .where('kind', '=', 'firing')
      .where('dueAt', 'is not', null)
      .where('alertId', 'in', over)
      .where('channelId', 'not in', busy)
      .execute();
    await trx
      .updateTable('notificationDeliveries')
      .set({ giveUpAt })
      .where('serverId', '=', serverId)
      .where('dueAt', 'is not', null)
      .where('giveUpAt', '>=', from)
      .where('giveUpAt', '<', giveUpAt)
      .execute();
  };
}
