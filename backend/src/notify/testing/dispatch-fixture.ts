// Dispatchers over a database of a test, with a clock that the test moves, and what they have sent.
import type { NotificationPrefs } from '@buoy/contract';
import { until } from '../../../../testbed/until.ts';
import type { ActiveCondition } from '../../alerts/alert-changes.store.ts';
import { type AlertStore, createAlertStore } from '../../alerts/alerts.store.ts';
import { restOf } from '../../alerts/condition.ts';
import type { DatabaseHandle } from '../../db/database.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { isoTime } from '../../lib/clock.ts';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createMaintenanceStore } from '../../maintenance/maintenance.store.ts';
import { createMaintenance } from '../../maintenance/maintenance.ts';
import { windowRow } from '../../maintenance/testing/window-row.ts';
import { userRow } from '../../users/testing/people.ts';
import { createDeliveryStore } from '../deliveries.store.ts';
import { createDispatcher, type Dispatcher } from '../dispatcher.ts';
import { createHeldBackStore, heldServers } from '../held-back.store.ts';
import { createOutboxStore } from '../outbox.store.ts';
import { createReminderStore } from '../reminders.store.ts';
import type { Notification, SendResult } from '../sender.ts';
import { channelRow, prefsWith } from './notifications.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export type DispatchFixture = Awaited<ReturnType<typeof prepareDispatchFixture>>;

export function condition(subject: string, severity: 'critical' | 'warning' = 'critical'): ActiveCondition {
  return { type: 'channel_down', subject, severity, cause: `${subject} is down.`, evidence: '' };
}

/** An empty database but for the server `srv_1` and these people, each its admin with a channel. It is 10:00 UTC. */
export async function prepareDispatchFixture(database: DatabaseHandle, userIds: readonly string[]) {
  const { db } = database;
  const clock = createFakeClock();
  const alerts: AlertStore = createAlertStore(db);
  const dispatchers: Dispatcher[] = [];
  const sent: Array<{ userId: string; atMs: number; notification: Notification }> = [];
  /** What becomes of the next attempts; after those, all are taken. */
  const results: SendResult[] = [];
  const prefs: Record<string, NotificationPrefs> = {};
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);
  const by = () => ({ userId: userIds[0] ?? '', now: now() });

  for (const table of ['servers', 'users'] as const) await db.deleteFrom(table).execute();
  await db.insertInto('servers').values(serverRow('srv_1')).execute();
  for (const userId of userIds) {
    prefs[userId] = prefsWith();
    const grant = { serverId: 'srv_1', userId, role: 'admin', grantedBy: userId, createdAt: now() };
    await db.insertInto('users').values(userRow(userId)).execute();
    await db.insertInto('notificationChannels').values(channelRow(userId)).execute();
    await db.insertInto('grants').values(grant).execute();
  }
  const prefsOf = (userId: string): NotificationPrefs => prefs[userId] ?? prefsWith();

  /** In this order: what goes from one to the next meanwhile is seen there. */
  const isIdle = async (): Promise<boolean> => {
    const held = createHeldBackStore(db);
    const asks: Array<() => Promise<readonly unknown[]>> = [
      () => createMaintenanceStore(database).ended(now(), 1),
      () => db.selectFrom('alerts').select('id').where('snoozedUntil', '<=', now()).execute(),
      () =>
        db
          .selectFrom('alerts')
          .select('id')
          .where('remindAt', '<=', now())
          .where('serverId', 'not in', heldServers(db, now()))
          .execute(),
      () => held.serversWithNews(now()),
      () => held.serversWithWaiting(now()),
      () => held.serversToResume(now()),
      () => createOutboxStore(db).serversWithEvents(now()),
      () => createDeliveryStore(db).dueChannels(now(), 1),
      () => db.selectFrom('notificationChannels').select('id').where('busyUntil', '>', now()).execute(),
    ];
    for (const ask of asks) if ((await ask()).length > 0) return false;
    return true;
  };

  return {
    ...{ db, clock, alerts, dispatchers, sent, results, prefs, now },

    /** Starts one Buoy more. */
    dispatch(): Dispatcher {
      const { logger } = createRecordingLogger();
      const dispatcher = createDispatcher({
        outbox: createOutboxStore(db),
        deliveries: createDeliveryStore(db),
        heldBack: createHeldBackStore(db),
        reminders: createReminderStore(db),
        endSnoozes: alerts.endSnoozes,
        settleMaintenance: createMaintenance({
          store: createMaintenanceStore(database),
          ...{ onChange: () => {}, clock, logger },
        }).settle,
        prefsOf: async (userId) => prefsOf(userId),
        prefsOfAll: async (ids) => new Map(ids.map((id) => [id, prefsOf(id)])),
        async send({ userId }, notification) {
          const result = results.shift() ?? { outcome: 'sent' };
          if (result.outcome === 'sent') sent.push({ userId, atMs: clock.now(), notification });
          return result;
        },
        ...{ adminUserIds: new Set<string>(), isAlone: false, clock, logger },
      });
      dispatcher.start();
      dispatchers.push(dispatcher);
      return dispatcher;
    },

    /** Ends all Buoys. */
    async stop(): Promise<void> {
      await Promise.all(dispatchers.splice(0).map((one) => one.close()));
    },

    /** One check of the server; answers the id of the first alert that it opens. */
    async see(...active: ActiveCondition[]): Promise<string> {
      const observed = { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 };
      const changes = await alerts.record('srv_1', observed, now());
      return changes?.opened[0]?.id ?? '';
    },
    acknowledge: (id: string) => alerts.acknowledge(id, by()),
    snooze: (id: string, ms: number) => alerts.snooze(id, now(ms), by()),

    /** Maintenance of the server from now on. */
    async maintain(ms: number): Promise<void> {
      const window = windowRow('srv_1', { startsAt: now(), endsAt: now(ms) });
      await db.insertInto('maintenanceWindows').values(window).execute();
    },

    /** Lets that time pass at once, and waits until all that is due by then is done. */
    async pass(ms: number): Promise<void> {
      clock.pass(ms);
      for (const one of dispatchers) one.wake();
      await until(5_000, isIdle);
    },

    /** `person: kind subjects` of each message, as in `ada: firing slack`. */
    told: (): string[] =>
      sent.map(
        ({ userId, notification: { kind, alerts: about } }) =>
          `${userId}: ${kind} ${about.map(({ alert }) => alert.cause.split(' ')[0]).join(' ')}`,
      ),
  };
}
