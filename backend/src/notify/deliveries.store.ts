// SQL for what is still to be sent to the channels of people, and for what they were sent.
import type { Db } from '../db/database.ts';
import type {
  AlertTable,
  NotificationChannelTable,
  NotificationDeliveryTable,
  NotificationRateTable,
} from '../db/schema.ts';
import { blockChannel } from './channels.store.ts';

export type DeliveryRow = NotificationDeliveryTable;
/** With the alert that it is about. */
export type DueDelivery = { delivery: DeliveryRow; alert: AlertTable; serverName: string };

/** After so many, a delivery is tried apart from the others of its channel. */
export const MAX_REJECTIONS = 3;

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

export function createDeliveryStore(db: Db) {
  return {
    /** When the next delivery is due, ISO 8601; null: none waits. */
    async nextDueAt(): Promise<string | null> {
      const row = await db
        .selectFrom('notificationDeliveries')
        .select((e) => e.fn.min('dueAt').as('dueAt'))
        .executeTakeFirst();
      return row?.dueAt ?? null;
    },

    /** How many wait to be sent: those that are due, and those that wait for something, such as the end of quiet hours. */
    async waiting(now: string): Promise<{ due: number; held: number }> {
      const { due, all } = await db
        .selectFrom('notificationDeliveries')
        .select((e) => [
          e.fn.countAll<number>().as('all'),
          e.fn.countAll<number>().filterWhere('dueAt', '<=', now).as('due'),
        ])
        .where('dueAt', 'is not', null)
        .executeTakeFirstOrThrow();
      return { due: Number(due), held: Number(all) - Number(due) };
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

    /** How many messages the channel was sent lately about each of these servers. */
    async rates(channelId: string, serverIds: readonly string[]): Promise<NotificationRateTable[]> {
      if (serverIds.length === 0) return [];
      return db
        .selectFrom('notificationRates')
        .selectAll()
        .where('channelId', '=', channelId)
        .where('serverId', 'in', serverIds)
        .execute();
    },

    /** Of an alert that goes on what was told of it stays known; of a resolved one nothing needs to. */
    async sent(
      channelId: string,
      deliveries: readonly DeliveryRow[],
      {
        now,
        message,
        channel,
        rates,
      }: {
        now: string;
        message: string | null;
        channel: Partial<NotificationChannelTable>;
        rates: readonly NotificationRateTable[];
      },
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
            .set({ status: 'sent', dueAt: null, message, toldAt: now })
            .where('id', 'in', told)
            .execute();
        const reminded = deliveries.filter(({ kind }) => kind === 'reminder').map(({ alertId }) => alertId);
        // What becomes of the alert changes the newest message about it.
        if (reminded.length > 0)
          await trx
            .updateTable('notificationDeliveries')
            .set({ toldAt: now, ...(message === null ? {} : { message }) })
            .where('channelId', '=', channelId)
            .where('alertId', 'in', reminded)
            .where('status', '=', 'sent')
            .execute();
        await forget(
          trx,
          channelId,
          deliveries.filter((one) => !isFiring(one)),
        );
        await trx.updateTable('notificationChannels').set(channel).where('id', '=', channelId).execute();
        await trx
          .insertInto('notificationRates')
          .values([...rates])
          .onConflict((conflict) =>
            conflict.columns(['channelId', 'serverId']).doUpdateSet((e) => ({
              since: e.ref('excluded.since'),
              messages: e.ref('excluded.messages'),
            })),
          )
          .execute();
      });
    },

    /** Their receiver does not take them, at least not now. `dueAt`: they are tried then, apart from the others. */
    async reject(deliveries: readonly DeliveryRow[], dueAt: string | null): Promise<void> {
      await db
        .updateTable('notificationDeliveries')
        .set((e) => ({ rejections: e('rejections', '+', 1), ...(dueAt === null ? {} : { dueAt }) }))
        .where(
          'id',
          'in',
          deliveries.map(({ id }) => id),
        )
        .execute();
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
