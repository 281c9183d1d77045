// What people are told of a server with maintenance windows, on both databases: nothing inside, and once at the end what is still broken.
import type { NotificationPrefs } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../../testbed/until.ts';
import type { ActiveCondition } from '../alerts/alert-changes.store.ts';
import { type AlertStore, createAlertStore } from '../alerts/alerts.store.ts';
import { restOf } from '../alerts/condition.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createMaintenanceStore } from '../maintenance/maintenance.store.ts';
import { createMaintenance } from '../maintenance/maintenance.ts';
import { windowRow } from '../maintenance/testing/window-row.ts';
import { userRow } from '../users/testing/people.ts';
import { createDeliveryStore } from './deliveries.store.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createHeldBackStore } from './held-back.store.ts';
import { createOutboxStore } from './outbox.store.ts';
import { createReminderStore } from './reminders.store.ts';
import type { SendResult } from './sender.ts';
import { channelRow } from './testing/notifications.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const condition = (subject: string, severity: 'critical' | 'warning' = 'critical'): ActiveCondition => ({
  ...{ type: 'channel_down', subject, severity, cause: `${subject} is down.`, evidence: '' },
});

describe.each(testDatabases())('maintenance and notifications on $name', ({ open }) => {
  let database: DatabaseHandle;
  let alerts: AlertStore;
  let clock: FakeClock;
  let dispatchers: Dispatcher[];
  let taken: string[];
  let results: SendResult[];
  let endMs: number;
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);

  beforeAll(async () => {
    database = await open();
    alerts = createAlertStore(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    clock = createFakeClock();
    [dispatchers, taken, results] = [[], [], []];
    const { db } = database;
    for (const table of ['servers', 'users'] as const) await db.deleteFrom(table).execute();
    await db.insertInto('users').values(userRow('owner')).execute();
    await db.insertInto('notificationChannels').values(channelRow('owner')).execute();
    for (const id of ['srv_1', 'srv_2']) {
      await db.insertInto('servers').values(serverRow(id)).execute();
      const owned = { serverId: id, userId: 'owner', role: 'owner', grantedBy: 'owner', createdAt: now() };
      await db.insertInto('grants').values(owned).execute();
    }
  });
  afterEach(() => Promise.all(dispatchers.map((one) => one.close())));

  const prefsOf = (_userId: string): NotificationPrefs => ({
    mutedTypes: [],
    quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
    ...{ criticalBreaksQuiet: false, minSeverity: 'warning', reminders: true, escalationOnly: false },
  });

  /** Each is one Buoy. */
  const dispatch = (): Dispatcher => {
    const { logger } = createRecordingLogger();
    const dispatcher = createDispatcher({
      outbox: createOutboxStore(database.db),
      deliveries: createDeliveryStore(database.db),
      heldBack: createHeldBackStore(database.db),
      endSnoozes: alerts.endSnoozes,
      settleMaintenance: createMaintenance({
        store: createMaintenanceStore(database),
        ...{ onChange: () => {}, clock, logger },
      }).settle,
      reminders: createReminderStore(database.db),
      prefsOf: async (userId) => prefsOf(userId),
      prefsOfAll: async (userIds) => new Map(userIds.map((id) => [id, prefsOf(id)])),
      async send(_channel, { kind, alerts: told }) {
        const result = results.shift() ?? { outcome: 'sent' };
        if (result.outcome === 'sent')
          taken.push(`${kind} ${told.map(({ alert }) => alert.cause.split(' ')[0]).join(' ')}`);
        return result;
      },
      ...{ adminUserIds: new Set<string>(), isAlone: false, clock, logger },
    });
    dispatcher.start();
    dispatchers.push(dispatcher);
    return dispatcher;
  };

  const see = (serverId: string, ...active: ActiveCondition[]) =>
    alerts.record(serverId, { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 }, now());
  const openWindow = async (minutes: number): Promise<void> => {
    endMs = clock.now() + minutes * MINUTE_MS;
    await database.db
      .insertInto('maintenanceWindows')
      .values(windowRow('srv_1', { startsAt: now(), endsAt: isoTime(endMs) }))
      .execute();
  };

  /** Lets time pass in steps of a second, each until all that is due is done. */
  const pass = async (ms: number): Promise<void> => {
    const store = createMaintenanceStore(database);
    const outbox = createOutboxStore(database.db);
    const held = createHeldBackStore(database.db);
    const deliveries = createDeliveryStore(database.db);
    for (let left = ms; left >= 0; left -= SECOND_MS) {
      clock.pass(Math.min(SECOND_MS, left));
      for (const one of dispatchers) one.wake();
      await within(5_000, async () => {
        if ((await store.ended(now(), 1)).length > 0) return false;
        if ((await held.serversWithNews(now())).length > 0) return false;
        if ((await held.serversWithWaiting(now())).length > 0) return false;
        if ((await held.serversToResume(now())).length > 0) return false;
        if ((await outbox.serversWithEvents(now())).length > 0) return false;
        if ((await deliveries.dueChannels(now(), 1)).length > 0) return false;
        const busy = await database.db
          .selectFrom('notificationChannels')
          .select('id')
          .where('busyUntil', '>', now())
          .execute();
        return busy.length === 0;
      });
    }
  };
  /** An alert that begins in a window of half an hour and is snoozed for an hour; answers its id. */
  const snoozeInside = async (): Promise<string> => {
    dispatch();
    await openWindow(30);
    const changes = await see('srv_1', condition('slack'));
    const { id } = changes?.opened[0] ?? expect.unreachable();
    await alerts.snooze(id, now(60 * MINUTE_MS), { userId: 'owner', now: now() });
    await pass(SECOND_MS);
    return id;
  };
  /** To just before the end of the window. */
  const passMost = () => clock.pass(endMs - clock.now() - 5 * SECOND_MS);

  test('sends nothing inside a window, and one message at its end about what is still broken', async () => {
    dispatch();
    await openWindow(30);
    await see('srv_1', condition('slack'), condition('matrix'));
    await pass(3 * SECOND_MS);
    await see('srv_1', condition('slack'));
    await pass(SECOND_MS);
    passMost();
    expect(taken).toEqual([]);
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
    await see('srv_1');
    await pass(SECOND_MS);
    expect(taken).toEqual(['firing slack', 'resolved slack']);
  });

  test('sends what happens on other servers meanwhile', async () => {
    dispatch();
    await openWindow(30);
    await see('srv_1', condition('slack'));
    await see('srv_2', condition('matrix'));
    await pass(SECOND_MS);
    expect(taken).toEqual(['firing matrix']);
  });

  test('sends nothing about what began and ended inside, also when it ended in the last moment', async () => {
    dispatch();
    await openWindow(30);
    for (let round = 0; round < 5; round += 1) {
      await see('srv_1', condition('slack'));
      await pass(SECOND_MS);
      await see('srv_1');
      await pass(SECOND_MS);
    }
    await see('srv_1', condition('slack'));
    await pass(SECOND_MS);
    passMost();
    await see('srv_1');
    await pass(10 * SECOND_MS);
    expect(taken).toEqual([]);
    const left = await database.db.selectFrom('notificationDeliveries').select('id').execute();
    expect(left).toEqual([]);
  });

  test('says once that an alert of before has ended, at the end of the window', async () => {
    dispatch();
    await see('srv_1', condition('slack'), condition('matrix'));
    await pass(SECOND_MS);
    expect(taken).toHaveLength(2);
    await openWindow(30);
    await see('srv_1', condition('slack'));
    await pass(SECOND_MS);
    expect(taken).toHaveLength(2);
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken.slice(2)).toEqual(['resolved matrix']);
  });

  test('tells what became worse inside once', async () => {
    dispatch();
    await openWindow(30);
    await see('srv_1', condition('slack', 'warning'));
    await pass(SECOND_MS);
    await see('srv_1', condition('slack'));
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('keeps back what waited when the window began, and tells it once where it is still broken', async () => {
    results = [{ outcome: 'failed', error: 'down', afterMs: 20_000 }];
    dispatch();
    await see('srv_1', condition('slack'), condition('matrix'));
    await pass(SECOND_MS);
    await openWindow(2 * 24 * 60);
    await see('srv_1', condition('slack'));
    await pass(30 * SECOND_MS);
    expect(taken).toEqual([]);
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('an early end tells at once, and another window that runs does not', async () => {
    dispatch();
    await openWindow(60);
    const store = createMaintenanceStore(database);
    const later = windowRow('srv_1', { startsAt: now(), endsAt: now(30 * MINUTE_MS) });
    await database.db
      .insertInto('maintenanceWindows')
      .values({ ...later, id: 'mnt_2' })
      .execute();
    await see('srv_1', condition('slack'));
    await pass(SECOND_MS);
    await store.remove({ serverId: 'srv_1' }, 'mnt_2', now(), () => undefined);
    await pass(2 * SECOND_MS);
    expect(taken).toEqual([]);
    await store.remove({ serverId: 'srv_1' }, null, now(), () => undefined);
    await pass(2 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('a snooze that lasts longer than the window tells it at its own end', async () => {
    await snoozeInside();
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual([]);
    clock.pass(30 * MINUTE_MS);
    await pass(2 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('tells at its end what was snoozed and then acknowledged inside', async () => {
    const id = await snoozeInside();
    await alerts.acknowledge(id, { userId: 'owner', now: now() });
    await pass(SECOND_MS);
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('what a snooze outlasts is told at its own end also when it is acknowledged after the window', async () => {
    const id = await snoozeInside();
    passMost();
    await pass(10 * SECOND_MS);
    await alerts.acknowledge(id, { userId: 'owner', now: now() });
    await pass(2 * SECOND_MS);
    expect(taken).toEqual([]);
    clock.pass(31 * MINUTE_MS);
    await pass(2 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('tells once what waited when the window began and became worse inside', async () => {
    results = Array.from({ length: 3 }, () => ({ outcome: 'failed', error: 'The receiver answered 500.' }));
    dispatch();
    await see('srv_1', condition('slack', 'warning'));
    await pass(SECOND_MS);
    await openWindow(30);
    await pass(SECOND_MS);
    await see('srv_1', condition('slack'));
    await pass(SECOND_MS);
    results = [];
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('keeps nothing of what began and ended inside', async () => {
    dispatch();
    await openWindow(30);
    for (let round = 0; round < 5; round += 1) {
      await see('srv_1', condition('slack'));
      await see('srv_1');
      await pass(SECOND_MS);
    }
    expect(await database.db.selectFrom('alertEvents').select('kind').execute()).toEqual([]);
  });

  test('several Buoys, which were down at the end of the window, tell it once', async () => {
    const before = dispatch();
    await openWindow(30);
    await see('srv_1', condition('slack'), condition('matrix'));
    await pass(SECOND_MS);
    await before.close();
    await see('srv_1', condition('slack'));
    clock.pass(3 * 24 * 60 * MINUTE_MS);
    for (let count = 0; count < 3; count += 1) dispatch();
    await pass(6 * SECOND_MS);
    expect(taken).toEqual(['firing slack']);
  });

  test('what began and ended before the window, while no Buoy ran, is told as ever', async () => {
    await see('srv_1', condition('slack'));
    clock.pass(MINUTE_MS);
    await see('srv_1');
    clock.pass(MINUTE_MS);
    await openWindow(30);
    await see('srv_1', condition('matrix'));
    dispatch();
    await pass(2 * SECOND_MS);
    expect(taken).toEqual([]);
    passMost();
    await pass(10 * SECOND_MS);
    expect(taken).toEqual(['firing slack', 'resolved slack', 'firing matrix']);
  });

  test('keeps no more events of a server in maintenance than it has alerts', async () => {
    dispatch();
    await openWindow(30);
    const changes = await see('srv_1', condition('slack'));
    const { id } = changes?.opened[0] ?? expect.unreachable();
    for (let round = 0; round < 10; round += 1) {
      await alerts.acknowledge(id, { userId: 'owner', now: now() });
      await alerts.snooze(id, now(SECOND_MS), { userId: 'owner', now: now() });
      await pass(2 * SECOND_MS);
    }
    const events = await database.db.selectFrom('alertEvents').select('kind').execute();
    expect(events).toEqual([{ kind: 'firing' }]);
  });
});
