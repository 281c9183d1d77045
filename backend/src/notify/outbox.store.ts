// SQL for the outbox: what happened to alerts, and who is to be told of it.
import type { Db } from '../db/database.ts';
import type { AlertEventTable, AlertTable, NotificationChannelTable, UserTable } from '../db/schema.ts';
import { isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import { type DeliveryRow, MAX_REJECTIONS } from './deliveries.store.ts';
import { heldServers } from './held-back.store.ts';
import { beginReminders } from './reminders.store.ts';

export type AlertEvent = AlertEventTable & Pick<AlertTable, 'type' | 'subject' | 'severity' | 'snoozedUntil'>;
/** What an event leads to: what a new alert is told as, or when the channels that it was told to hear what became of it. */
export type TakenEvent = { event: AlertEvent } & ({ deliveries: DeliveryRow[] } | { times: DeliveryTimes });
type DeliveryTimes = Pick<DeliveryRow, 'giveUpAt'> & { dueAt: string };

/** Values of one statement stay below what SQLite takes. */
const ROWS_AT_ONCE = 100;
/** Milliseconds in which nobody needs to be reminded of what was told late, as at the end of quiet hours. */
const LATELY_MS = 15 * 60_000;

export type OutboxStore = ReturnType<typeof createOutboxStore>;

export function createOutboxStore(db: Db) {
  const ofAlert = (trx: Db, alertId: string) =>
    trx.selectFrom('notificationDeliveries').where('alertId', '=', alertId);

  /** True for the one caller, of all Buoys, that takes it. */
  const takeEvent = async (trx: Db, id: string): Promise<boolean> => {
    const taken = await trx.deleteFrom('alertEvents').where('id', '=', id).executeTakeFirst();
    return taken.numDeletedRows === 1n;
  };

  const insert = async (trx: Db, rows: readonly DeliveryRow[]): Promise<void> => {
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
      await trx
        .insertInto('notificationDeliveries')
        .values(rows.slice(start, start + ROWS_AT_ONCE))
        .execute();
  };

  /** What still waits to be sent of an alert, that which maintenance has put aside included. */
  const waitingFor = (trx: Db, alertId: string) =>
    ofAlert(trx, alertId).where((e) => e.or([e('dueAt', 'is not', null), e('status', '=', 'aside')]));

  /**
   * In the place of an earlier one that still waits: it became worse, or its snooze ended, and is told once. One that escalates stays:
   * an alert that becomes worse again and again must not put it off.
   */
  const replace = async (trx: Db, { alertId }: AlertEvent, all: readonly DeliveryRow[]): Promise<void> => {
    const escalating = await waitingFor(trx, alertId)
      .select('channelId')
      .where('escalatesAt', 'is not', null)
      .execute();
    const staying = new Set(escalating.map(({ channelId }) => channelId));
    const rows = all.filter(({ channelId, escalatesAt }) => escalatesAt === null || !staying.has(channelId));
    const channelIds = rows.map(({ channelId }) => channelId);
    for (let start = 0; start < channelIds.length; start += ROWS_AT_ONCE)
      await trx
        .deleteFrom('notificationDeliveries')
        .where('alertId', '=', alertId)
        .where('kind', '=', 'firing')
        .where('dueAt', 'is not', null)
        .where('channelId', 'in', channelIds.slice(start, start + ROWS_AT_ONCE))
        .execute();
    await insert(trx, rows);
  };

  /**
   * It is told where the alert itself was, or is about to be. A resolved alert that still waited whether it stays, or that its receiver
   * does not take, is not told at all.
   */
  const follow = async (trx: Db, event: AlertEvent, times: DeliveryTimes): Promise<void> => {
    if (event.kind === 'resolved')
      await trx
        .deleteFrom('notificationDeliveries')
        .where('alertId', '=', event.alertId)
        .where((e) => e.or([e('status', '=', 'flapping'), e('rejections', '>=', MAX_REJECTIONS)]))
        .where('dueAt', 'is not', null)
        .execute();
    const told = await ofAlert(trx, event.alertId)
      .select('channelId')
      .distinct()
      .where('kind', '=', 'firing')
      .where('status', '!=', 'flapping')
      .execute();
    await insert(
      trx,
      told.map(({ channelId }) => ({
        ...{ id: newId('ntf'), channelId, serverId: event.serverId, alertId: event.alertId },
        ...{ kind: event.kind, at: event.at },
        ...{ status: 'waiting', message: null, rejections: 0, escalatesAt: null, toldAt: null, ...times },
      })),
    );
  };

  /** Somebody takes care: who only takes what others leave is not told. What is on its way is followed by what became of it. */
  const endEscalation = async (trx: Db, alertId: string, now: string): Promise<void> => {
    await trx
      .deleteFrom('notificationDeliveries')
      .where('alertId', '=', alertId)
      .where('escalatesAt', 'is not', null)
      .where((e) => {
        const busy = e.selectFrom('notificationChannels').select('id').where('busyUntil', '>', now);
        const isDue = e.and([e('dueAt', 'is not', null), e('dueAt', '<=', now)]);
        return e.or([
          e('dueAt', '>', now),
          e('status', '=', 'aside'),
          e.and([isDue, e('channelId', 'not in', busy)]),
        ]);
      })
      .execute();
  };

  /** Told again where it was told, but lately, unless that is still to come there. */
  const remind = async (trx: Db, event: AlertEvent, times: DeliveryTimes): Promise<void> => {
    const lately = isoTime(Date.parse(times.dueAt) - LATELY_MS);
    const { alertId, serverId, kind, at } = event;
    const told = await ofAlert(trx, alertId)
      .select('channelId')
      .distinct()
      .where('kind', '=', 'firing')
      .where('status', '=', 'sent')
      .where((e) => e.or([e('toldAt', 'is', null), e('toldAt', '<=', lately)]))
      .where(
        'channelId',
        'not in',
        waitingFor(trx, alertId).select('channelId').where('kind', 'in', ['firing', 'reminder']),
      )
      .execute();
    await insert(
      trx,
      told.map(({ channelId }) => ({
        ...{ id: newId('ntf'), channelId, serverId, alertId, kind, at, ...times },
        ...{ status: 'waiting', message: null, rejections: 0, escalatesAt: null, toldAt: null },
      })),
    );
  };

  return {
    /** Servers with something that nobody has taken yet, without those in maintenance, the one that waits longest first. */
    async serversWithEvents(now: string): Promise<string[]> {
      const rows = await db
        .selectFrom('alertEvents')
        .select('serverId')
        .where('serverId', 'not in', heldServers(db, now))
        .groupBy('serverId')
        .orderBy((e) => e.fn.min('at'))
        .execute();
      return rows.map(({ serverId }) => serverId);
    },

    /** What nobody has taken yet of a server, in the order in which it happened. */
    async events(serverId: string, limit: number): Promise<AlertEvent[]> {
      return db
        .selectFrom('alertEvents')
        .innerJoin('alerts', 'alerts.id', 'alertEvents.alertId')
        .selectAll('alertEvents')
        .select(['alerts.type', 'alerts.subject', 'alerts.severity', 'alerts.snoozedUntil'])
        .where('alertEvents.serverId', '=', serverId)
        .orderBy('alertEvents.at')
        .orderBy('alertEvents.id')
        .limit(limit)
        .execute();
    },

    /** Whether the same problem of that server was resolved since then, under another alert. */
    async wasResolvedSince(event: AlertEvent, since: string): Promise<boolean> {
      const earlier = await db
        .selectFrom('alerts')
        .select('id')
        .where('serverId', '=', event.serverId)
        .where('type', '=', event.type)
        .where('subject', '=', event.subject)
        .where('resolvedAt', '>=', since)
        .where('id', '!=', event.alertId)
        .limit(1)
        .executeTakeFirst();
      return earlier !== undefined;
    },

    /** Owner and admins of the server and the super-admins, without those who are disabled. */
    async recipients(serverId: string, superAdminIds: readonly string[]): Promise<UserTable[]> {
      return db
        .selectFrom('users')
        .selectAll()
        .where('disabledAt', 'is', null)
        .where((e) =>
          e.or([
            e('isSuperAdmin', '=', 1),
            ...(superAdminIds.length === 0 ? [] : [e('id', 'in', superAdminIds)]),
            e(
              'id',
              'in',
              e
                .selectFrom('grants')
                .select('userId')
                .where('serverId', '=', serverId)
                .where('role', 'in', ['owner', 'admin']),
            ),
          ]),
        )
        .execute();
    },

    /** Channels of these people that take something, and have not so much of that server waiting already. */
    async openChannels(
      userIds: readonly string[],
      { serverId, maxWaiting }: { serverId: string; maxWaiting: number },
    ): Promise<NotificationChannelTable[]> {
      const found: NotificationChannelTable[] = [];
      for (let start = 0; start < userIds.length; start += ROWS_AT_ONCE) {
        const rows = await db
          .selectFrom('notificationChannels')
          .selectAll()
          .where('userId', 'in', userIds.slice(start, start + ROWS_AT_ONCE))
          .where('enabled', '=', 1)
          .where('state', 'in', ['ok', 'failing'])
          .where((e) =>
            e(
              e
                .selectFrom('notificationDeliveries')
                .select((d) => d.fn.countAll<number>().as('count'))
                .whereRef('notificationDeliveries.channelId', '=', 'notificationChannels.id')
                .where('notificationDeliveries.serverId', '=', serverId)
                .where('dueAt', 'is not', null),
              '<',
              maxWaiting,
            ),
          )
          .execute();
        found.push(...rows);
      }
      return found;
    },

    /** Puts what is to be told in the place of each event, of those that no other Buoy has taken. */
    async take(events: readonly TakenEvent[], now: string): Promise<void> {
      await db.transaction().execute(async (trx) => {
        for (const taken of events) {
          const { event } = taken;
          if (!(await takeEvent(trx, event.id))) continue;
          if ('deliveries' in taken) {
            await replace(trx, event, taken.deliveries);
            await beginReminders(trx, event, now);
          } else if (event.kind === 'reminder') await remind(trx, event, taken.times);
          else {
            // A restart by Buoy itself is nobody who takes care.
            if (event.kind !== 'auto_repair') await endEscalation(trx, event.alertId, now);
            await follow(trx, event, taken.times);
          }
        }
      });
    },
  };
}
