// SQL for the outbox: what happened to alerts, who is to be told of it, and what is still to be sent.
import type { Db } from '../db/database.ts';
import type {
  AlertEventTable,
  AlertTable,
  NotificationChannelTable,
  NotificationDeliveryTable,
  UserTable,
} from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import { blockChannel } from './channels.store.ts';

export type DeliveryRow = NotificationDeliveryTable;
/** With the alert that it is about. */
export type DueDelivery = { delivery: DeliveryRow; alert: AlertTable; serverName: string };
export type AlertEvent = AlertEventTable & Pick<AlertTable, 'serverId' | 'type' | 'subject'>;

/** Values of one statement stay below what SQLite takes. */
const ROWS_AT_ONCE = 100;

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

  return {
    /** What nobody has taken yet, in the order in which it happened. */
    async events(limit: number): Promise<AlertEvent[]> {
      return db
        .selectFrom('alertEvents')
        .innerJoin('alerts', 'alerts.id', 'alertEvents.alertId')
        .selectAll('alertEvents')
        .select(['alerts.serverId', 'alerts.type', 'alerts.subject'])
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

    /** Puts what a new alert is to be told as in the place of its event. */
    async announce(event: AlertEvent, rows: readonly DeliveryRow[]): Promise<void> {
      await db.transaction().execute(async (trx) => {
        if (await takeEvent(trx, event.id)) await insert(trx, rows);
      });
    },

    /**
     * The same of what became of an alert: it is told where the alert itself was, or is about to be. A resolved alert that still
     * waited whether it stays is not told at all.
     */
    async follow(event: AlertEvent, times: { dueAt: string; giveUpAt: string }): Promise<void> {
      await db.transaction().execute(async (trx) => {
        if (!(await takeEvent(trx, event.id))) return;
        if (event.kind === 'resolved')
          await trx
            .deleteFrom('notificationDeliveries')
            .where('alertId', '=', event.alertId)
            .where('status', '=', 'flapping')
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
            ...{ status: 'waiting', message: null, ...times },
          })),
        );
      });
    },

    /** When the next delivery is due, ISO 8601; null: none waits. */
    async nextDueAt(): Promise<string | null> {
      const row = await db
        .selectFrom('notificationDeliveries')
        .select((e) => e.fn.min('dueAt').as('dueAt'))
        .executeTakeFirst();
      return row?.dueAt ?? null;
    },

    /** Channels that something is due for, that do not wait after a failure, and that no Buoy sends to. */
    async dueChannels(now: string, limit: number): Promise<NotificationChannelTable[]> {
      return db
        .selectFrom('notificationChannels')
        .selectAll()
        .where((e) =>
          e.exists(
            e
              .selectFrom('notificationDeliveries')
              .select('notificationDeliveries.id')
              .whereRef('notificationDeliveries.channelId', '=', 'notificationChannels.id')
              .where('dueAt', '<=', now),
          ),
        )
        .where('state', 'in', ['ok', 'failing'])
        .where((e) => e.or([e('retryAt', 'is', null), e('retryAt', '<=', now)]))
        .where((e) => e.or([e('busyUntil', 'is', null), e('busyUntil', '<=', now)]))
        .orderBy('lastSentAt')
        .limit(limit)
        .execute();
    },

    /** Removes the browsers that were signed out: a lost phone must not go on showing alerts. Sessions that only ran out keep them. */
    async endSignedOut(): Promise<void> {
      await db
        .deleteFrom('notificationChannels')
        .where((e) =>
          e.exists(
            e
              .selectFrom('sessions')
              .select('id')
              .whereRef('sessions.id', '=', 'notificationChannels.sessionId')
              .where('revokedAt', 'is not', null),
          ),
        )
        .execute();
    },

    /** For a Buoy that is alone with its database: whoever had claimed a channel was killed. */
    async endClaims(): Promise<void> {
      await db
        .updateTable('notificationChannels')
        .set({ busyUntil: null })
        .where('busyUntil', 'is not', null)
        .execute();
    },

    /** True for the one caller that may send to the channel until then. */
    async claim(channelId: string, now: string, until: string): Promise<boolean> {
      const claimed = await db
        .updateTable('notificationChannels')
        .set({ busyUntil: until })
        .where('id', '=', channelId)
        .where((e) => e.or([e('busyUntil', 'is', null), e('busyUntil', '<=', now)]))
        .executeTakeFirst();
      return claimed.numUpdatedRows === 1n;
    },

    /** Goes on with a claim, changes what else is known of the channel, or ends the claim with `busyUntil: null`. */
    async updateChannel(channelId: string, change: Partial<NotificationChannelTable>): Promise<void> {
      await db.updateTable('notificationChannels').set(change).where('id', '=', channelId).execute();
    },

    /** Problems that have stayed for as long as they had to are told like any other from now on. */
    async endFlapping(channelId: string, now: string): Promise<void> {
      await db
        .updateTable('notificationDeliveries')
        .set({ status: 'waiting' })
        .where('channelId', '=', channelId)
        .where('status', '=', 'flapping')
        .where('dueAt', '<=', now)
        .execute();
    },

    /** What is due for a channel, in the order in which it happened. */
    async due(channelId: string, now: string, limit: number): Promise<DueDelivery[]> {
      const deliveries = await db
        .selectFrom('notificationDeliveries')
        .selectAll()
        .where('channelId', '=', channelId)
        .where('dueAt', '<=', now)
        .orderBy('at')
        .orderBy('id')
        .limit(limit)
        .execute();
      const alertIds = [...new Set(deliveries.map(({ alertId }) => alertId))];
      if (alertIds.length === 0) return [];
      const alerts = await db
        .selectFrom('alerts')
        .innerJoin('servers', 'servers.id', 'alerts.serverId')
        .selectAll('alerts')
        .select('servers.name as serverName')
        .where('alerts.id', 'in', alertIds)
        .execute();
      const byId = new Map(alerts.map(({ serverName, ...alert }) => [alert.id, { alert, serverName }]));
      return deliveries.flatMap((delivery) => {
        const about = byId.get(delivery.alertId);
        return about === undefined ? [] : [{ delivery, ...about }];
      });
    },

    /** What the channel has been told of these alerts: by the alert, what it kept of its message. */
    async told(channelId: string, alertIds: readonly string[]): Promise<Map<string, string | null>> {
      if (alertIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('notificationDeliveries')
        .select(['alertId', 'message'])
        .where('channelId', '=', channelId)
        .where('alertId', 'in', alertIds)
        .where('status', '=', 'sent')
        .orderBy('at')
        .execute();
      return new Map(rows.map(({ alertId, message }) => [alertId, message]));
    },

    /** Of an alert that goes on what was told of it stays known; of a resolved one nothing needs to. */
    async sent(
      channelId: string,
      deliveries: readonly DeliveryRow[],
      { message, channel }: { message: string | null; channel: Partial<NotificationChannelTable> },
    ): Promise<void> {
      const isFiring = ({ kind }: DeliveryRow) => kind === 'firing';
      const told = deliveries.filter(isFiring).map(({ id }) => id);
      const again = deliveries.filter(isFiring).map(({ alertId }) => alertId);
      await db.transaction().execute(async (trx) => {
        // What was told before of an alert that is told anew need not be known any more.
        if (again.length > 0)
          await trx
            .deleteFrom('notificationDeliveries')
            .where('channelId', '=', channelId)
            .where('alertId', 'in', again)
            .where('status', '=', 'sent')
            .execute();
        if (told.length > 0)
          await trx
            .updateTable('notificationDeliveries')
            .set({ status: 'sent', dueAt: null, message })
            .where('id', 'in', told)
            .execute();
        await forget(
          trx,
          channelId,
          deliveries.filter((one) => !isFiring(one)),
        );
        await trx.updateTable('notificationChannels').set(channel).where('id', '=', channelId).execute();
      });
    },

    /** They are not sent. */
    async drop(channelId: string, deliveries: readonly DeliveryRow[]): Promise<void> {
      if (deliveries.length === 0) return;
      await db.transaction().execute((trx) => forget(trx, channelId, deliveries));
    },

    /** They wait until then, and come in one message. */
    async hold(ids: readonly string[], times: { dueAt: string; giveUpAt: string }): Promise<void> {
      if (ids.length === 0) return;
      await db
        .updateTable('notificationDeliveries')
        .set({ status: 'held', ...times })
        .where('id', 'in', ids)
        .execute();
    },

    block: (channelId: string, error: string): Promise<void> => blockChannel(db, channelId, error),
  };
}

/** Of a resolved alert also what was told before. */
async function forget(trx: Db, channelId: string, deliveries: readonly DeliveryRow[]): Promise<void> {
  if (deliveries.length === 0) return;
  const ids = deliveries.map(({ id }) => id);
  await trx.deleteFrom('notificationDeliveries').where('id', 'in', ids).execute();
  const over = deliveries.filter(({ kind }) => kind === 'resolved').map(({ alertId }) => alertId);
  if (over.length > 0)
    await trx
      .deleteFrom('notificationDeliveries')
      .where('channelId', '=', channelId)
      .where('alertId', 'in', over)
      .where('status', '=', 'sent')
      .execute();
}
