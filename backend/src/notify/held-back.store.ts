// SQL for what is not told while a server is in maintenance.
import { type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';

/**
 * The ids of servers that are in maintenance, or have been and what happened in it is not dealt with yet: a window that has begun is there
 * until then.
 */
export function heldServers(db: Db, now: string) {
  return db.selectFrom('maintenanceWindows').select('serverId').where('startsAt', '<=', now);
}

/** Part of a maintenance window. */
export type HeldSpan = { from: string; until: string };

export type HeldBackStore = ReturnType<typeof createHeldBackStore>;

// Values are literal where a partial index must be found by them.
export function createHeldBackStore(db: Db) {
  const serversWith = (now: string) =>
    db
      .selectFrom(
        db
          .selectFrom('maintenanceWindows')
          .select((e) => ['serverId', e.fn.min('startsAt').as('from')])
          .where('startsAt', '<=', now)
          .groupBy('serverId')
          .as('begun'),
      )
      .select(['begun.serverId', 'begun.from']);

  return {
    holdBack,

    /** Servers that are held back and have something new in it, and since when they are. */
    async serversWithNews(now: string): Promise<Array<{ serverId: string; from: string }>> {
      return serversWith(now)
        .where((e) =>
          e.exists(
            e
              .selectFrom('alertEvents')
              .select('alertEvents.id')
              .whereRef('alertEvents.serverId', '=', 'begun.serverId')
              .whereRef('alertEvents.at', '>=', 'begun.from')
              .where('alertEvents.held', '=', sql.lit(0)),
          ),
        )
        .execute();
    },

    /** Servers that are held back, and for which something waits to be sent. */
    async serversWithWaiting(now: string): Promise<string[]> {
      const rows = await serversWith(now)
        .where((e) =>
          e.exists(
            e
              .selectFrom('notificationDeliveries')
              .select('notificationDeliveries.id')
              .whereRef('notificationDeliveries.serverId', '=', 'begun.serverId')
              .where('dueAt', 'is not', null)
              .where('giveUpAt', '>', now),
          ),
        )
        .execute();
      return rows.map(({ serverId }) => serverId);
    },

    /** Servers that are held back no longer, and whose deliveries were put aside. */
    async serversToResume(now: string): Promise<string[]> {
      const rows = await db
        .selectFrom('servers')
        .select('id')
        .where('id', 'not in', heldServers(db, now))
        .where((e) =>
          e.exists(
            e
              .selectFrom('notificationDeliveries')
              .select('notificationDeliveries.id')
              .whereRef('notificationDeliveries.serverId', '=', 'servers.id')
              .where('status', '=', sql.lit('aside')),
          ),
        )
        .execute();
      return rows.map(({ id }) => id);
    },

    /** Whether any of these servers is held back. */
    async isAnyHeld(serverIds: readonly string[], now: string): Promise<boolean> {
      const held = await heldServers(db, now).where('serverId', 'in', serverIds).limit(1).executeTakeFirst();
      return held !== undefined;
    },

    /** The same as `holdBack`, in a transaction of its own: for a window that goes on. */
    async hold(serverId: string, span: HeldSpan): Promise<void> {
      await db.transaction().execute(holdBack(serverId, span));
    },

    /** Puts what waits to be sent about a server aside, so that nobody looks at it until the maintenance ends. */
    async putAside(serverId: string, now: string): Promise<void> {
      await db.transaction().execute(async (trx) => {
        await lock(trx, serverId);
        await trx
          .updateTable('notificationDeliveries')
          .set({ status: 'aside', dueAt: null })
          .where('serverId', '=', serverId)
          .where('serverId', 'in', heldServers(trx, now))
          .where('dueAt', 'is not', null)
          .where('giveUpAt', '>', now)
          .execute();
      });
    },

    /** What was put aside is due. */
    async resume(serverId: string, times: { now: string; giveUpAt: string }): Promise<void> {
      const { now, giveUpAt } = times;
      await db.transaction().execute(async (trx) => {
        await lock(trx, serverId);
        await trx
          .updateTable('notificationDeliveries')
          .set((e) => ({
            status: 'waiting',
            // What escalates goes on waiting whether somebody takes care.
            dueAt: e.case().when('escalatesAt', '>', now).then(e.ref('escalatesAt')).else(now).end(),
            giveUpAt,
          }))
          .where('serverId', '=', serverId)
          .where('serverId', 'not in', heldServers(trx, now))
          .where('status', '=', sql.lit('aside'))
          .execute();
      });
    },
  };
}

/** As whoever settles a window does: one that ends at this moment must not leave anything aside. */
async function lock(trx: Db, serverId: string): Promise<void> {
  await trx
    .updateTable('servers')
    .set((e) => ({ version: e.ref('version') }))
    .where('id', '=', serverId)
    .execute();
}

/** Forgets what began or ended in that time and is over, and keeps the rest of the server to be told later, once. */
function holdBack(serverId: string, { from, until }: HeldSpan): TransactionHook {
  return async (trx) => {
    const ofServer = trx.selectFrom('alerts').select('id').where('serverId', '=', serverId);
    const over = ofServer.where('resolvedAt', '>=', from).where('resolvedAt', '<=', until);
    const events = trx.deleteFrom('alertEvents').where('serverId', '=', serverId).where('at', '<=', until);
    // What people did about an alert wakes nobody later.
    await events
      .where('kind', 'in', ['acknowledged', 'snoozed', 'auto_repair'])
      .where('at', '>=', from)
      .execute();
    // A reminder is due again at the end.
    const reminders = await events.where('kind', '=', 'reminder').returning('alertId').execute();
    if (reminders.length > 0)
      await trx
        .updateTable('alerts')
        .set({ remindAt: until })
        .where(
          'id',
          'in',
          reminders.map(({ alertId }) => alertId),
        )
        .where('remindAt', 'is not', null)
        .execute();
    const firing = events.where('kind', '=', 'firing');
    await firing.where('alertId', 'in', over).execute();
    // One that became worse, or whose snoozes ended, is told once.
    await firing
      .where(
        sql<SqlBool>`exists (select 1 from alert_events as later where later.alert_id = alert_events.alert_id
          and later.kind = 'firing' and later.at <= ${until}
          and (later.at > alert_events.at or (later.at = alert_events.at and later.id > alert_events.id)))`,
      )
      .execute();
    // Of a channel that is busy the message may be on its way: then the end is told, too.
    const busy = trx.selectFrom('notificationChannels').select('id').where('busyUntil', '>', until);
    await trx
      .deleteFrom('notificationDeliveries')
      .where('serverId', '=', serverId)
      .where('kind', '=', 'firing')
      .where((e) => e.or([e('dueAt', 'is not', null), e('status', '=', 'aside')]))
      .where('alertId', 'in', over)
      .where('channelId', 'not in', busy)
      .execute();
    // Nobody was told of these, so that nobody need hear that they are over.
    await events
      .where('kind', '=', 'resolved')
      .where('at', '>=', from)
      .where((e) =>
        e.not(
          e.exists(
            e
              .selectFrom('notificationDeliveries')
              .select('notificationDeliveries.id')
              .whereRef('notificationDeliveries.alertId', '=', 'alertEvents.alertId')
              .where('notificationDeliveries.kind', '=', 'firing'),
          ),
        ),
      )
      .execute();
    await trx
      .updateTable('alertEvents')
      .set({ held: 1 })
      .where('serverId', '=', serverId)
      .where('held', '=', 0)
      .where('at', '>=', from)
      .where('at', '<=', until)
      .execute();
  };
}
