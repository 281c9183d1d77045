// Who is told what and when, on both databases: each transition once, through failures, quiet hours, flapping and a killed Buoy.
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
import { newId } from '../lib/ids.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { userRow } from '../users/testing/people.ts';
import { createDeliveryStore } from './deliveries.store.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createHeldBackStore } from './held-back.store.ts';
import { createOutboxStore } from './outbox.store.ts';
import { createReminderStore } from './reminders.store.ts';
import type { Notification, SendResult } from './sender.ts';
import { channelRow } from './testing/notifications.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const condition = (subject: string, severity: 'critical' | 'warning' = 'critical'): ActiveCondition => ({
  ...{ type: 'channel_down', subject, severity, cause: `${subject} is down.`, evidence: '' },
});

describe.each(testDatabases())('dispatcher on $name', ({ open }) => {
  let database: DatabaseHandle;
  let alerts: AlertStore;
  let clock: FakeClock;
  let dispatchers: Dispatcher[];
  let prefs: NotificationPrefs;
  /** Of some people, in the place of `prefs`. */
  let ownPrefs: Record<string, Partial<NotificationPrefs>>;
  /** `channel: kind subjects` of each message that was taken, and the id of it. */
  let taken: string[];
  let ids: string[];
  /** What becomes of the next attempts; after those, all are taken. */
  let results: SendResult[];
  let isRejected: (notification: Notification) => boolean;
  let attempts: number[];

  beforeAll(async () => {
    database = await open();
    alerts = createAlertStore(database.db);
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    clock = createFakeClock();
    dispatchers = [];
    [taken, ids, results, attempts] = [[], [], [], []];
    isRejected = () => false;
    ownPrefs = {};
    prefs = {
      mutedTypes: [],
      quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
      ...{ criticalBreaksQuiet: false, minSeverity: 'warning', reminders: true, escalationOnly: false },
    };
    const { db } = database;
    for (const table of ['servers', 'users'] as const) await db.deleteFrom(table).execute();
    const people = {
      ...{ owner: {}, admin: {}, viewer: {}, gone: { disabledAt: isoTime(clock.now()) } },
      ...{ stranger: {}, root: { isSuperAdmin: 1 } },
    };
    for (const [id, changes] of Object.entries(people)) {
      await db.insertInto('users').values(userRow(id, changes)).execute();
      await db.insertInto('notificationChannels').values(channelRow(id)).execute();
    }
    await db.insertInto('users').values(userRow('configured')).execute();
    await db.insertInto('servers').values(serverRow('srv_1')).execute();
    const roles = { owner: 'owner', admin: 'admin', viewer: 'viewer', gone: 'admin' };
    for (const [userId, role] of Object.entries(roles))
      await db
        .insertInto('grants')
        .values({ serverId: 'srv_1', userId, role, grantedBy: 'owner', createdAt: isoTime(clock.now()) })
        .execute();
  });
  afterEach(() => Promise.all(dispatchers.map((one) => one.close())));

  const only = (...userIds: string[]) =>
    database.db.deleteFrom('notificationChannels').where('userId', 'not in', userIds).execute();

  const prefsOf = (userId: string): NotificationPrefs => ({ ...prefs, ...ownPrefs[userId] });

  const dispatch = (isAlone = false): Dispatcher => {
    const dispatcher = createDispatcher({
      outbox: createOutboxStore(database.db),
      deliveries: createDeliveryStore(database.db),
      endSnoozes: alerts.endSnoozes,
      heldBack: createHeldBackStore(database.db),
      settleMaintenance: async () => false,
      reminders: createReminderStore(database.db),
      prefsOf: async (userId) => prefsOf(userId),
      prefsOfAll: async (userIds) => new Map(userIds.map((id) => [id, prefsOf(id)])),
      async send({ userId }, notification) {
        attempts.push(clock.now());
        const rejection = { outcome: 'failed', error: 'forbidden', isRejection: true } as const;
        const result = results.shift() ?? (isRejected(notification) ? rejection : { outcome: 'sent' });
        if (result.outcome === 'sent') {
          taken.push(`${userId}: ${wordsOf(notification)}`);
          ids.push(`${userId} ${notification.id}`);
        }
        return result;
      },
      ...{ adminUserIds: new Set(['configured']), isAlone },
      clock,
      logger: createRecordingLogger().logger,
    });
    dispatcher.start();
    dispatchers.push(dispatcher);
    return dispatcher;
  };
  const wordsOf = ({ kind, alerts: told }: Notification): string =>
    `${kind} ${told.map(({ alert }) => alert.cause.split(' ')[0]).join(' ')}`;

  const see = (...active: ActiveCondition[]) => seeOn('srv_1', ...active);
  const seeOn = (serverId: string, ...active: ActiveCondition[]) =>
    alerts.record(
      serverId,
      { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
      isoTime(clock.now()),
    );

  const addServer = async (id: string): Promise<void> => {
    const owned = { serverId: id, userId: 'owner', role: 'owner', grantedBy: 'owner' };
    await database.db.insertInto('servers').values(serverRow(id)).execute();
    await database.db
      .insertInto('grants')
      .values({ ...owned, createdAt: isoTime(clock.now()) })
      .execute();
  };

  /** Lets time pass, and waits until all that is due by then is done. */
  const pass = async (ms: number): Promise<void> => {
    const store = createOutboxStore(database.db);
    const deliveries = createDeliveryStore(database.db);
    for (let left = ms; left >= 0; left -= SECOND_MS) {
      clock.pass(Math.min(SECOND_MS, left));
      for (const one of dispatchers) one.wake();
      await within(5_000, async () => {
        const now = isoTime(clock.now());
        const snoozed = await database.db
          .selectFrom('alerts')
          .select('id')
          .where('snoozedUntil', '<=', now)
          .execute();
        if (snoozed.length > 0) return false;
        // In this order: what goes from one to the next meanwhile is seen there.
        if (
          (await store.serversWithEvents(now)).length > 0 ||
          (await deliveries.dueChannels(now, 1)).length > 0
        )
          return false;
        const busy = await database.db
          .selectFrom('notificationChannels')
          .select('id')
          .where('busyUntil', '>', now)
          .execute();
        return busy.length === 0;
      });
      if (left === 0) return;
      if (left < SECOND_MS) left = SECOND_MS;
    }
  };

  test('tells owner, admins and super-admins, and neither viewers nor strangers nor the disabled', async () => {
    dispatch();
    await see(condition('slack'));
    await pass(SECOND_MS);
    expect(taken.toSorted()).toEqual(['admin: firing slack', 'owner: firing slack', 'root: firing slack']);
    clock.pass(60 * SECOND_MS);
    await see();
    await pass(SECOND_MS);
    expect(taken.slice(3).toSorted()).toEqual([
      'admin: resolved slack',
      'owner: resolved slack',
      'root: resolved slack',
    ]);
  });

  test('tells each transition once where two Buoys share the database', async () => {
    await only('owner', 'admin', 'root');
    dispatch();
    dispatch();
    for (let round = 0; round < 10; round += 1) {
      await see(condition(`a${round}`), condition(`b${round}`));
      await pass(SECOND_MS);
    }
    await see();
    await pass(SECOND_MS);
    expect(new Set(ids).size).toBe(ids.length);
    const toOwner = taken.filter((text) => text.startsWith('owner')).map((text) => text.slice(7));
    const expected = Array.from({ length: 10 }, (_, round) => [
      ...['a', 'b'].flatMap((name) => [`firing ${name}${round}`, `resolved ${name}${round}`]),
    ]).flat();
    expect(toOwner.toSorted()).toEqual(expected.toSorted());
  });

  test('tells a problem that comes and goes every 20 s for 5 min at most twice', async () => {
    await only('owner');
    dispatch();
    for (let seconds = 0; seconds < 300; seconds += 40) {
      await see(condition('slack'));
      await pass(20 * SECOND_MS);
      await see();
      await pass(20 * SECOND_MS);
    }
    expect(taken).toEqual(['owner: firing slack', 'owner: resolved slack']);
  });

  test('tells a problem that returns and stays after one minute', async () => {
    await only('owner');
    dispatch();
    await see(condition('slack'));
    await pass(5 * SECOND_MS);
    await see();
    await pass(5 * SECOND_MS);
    await see(condition('slack'));
    await pass(59 * SECOND_MS);
    expect(taken).toHaveLength(2);
    await pass(2 * SECOND_MS);
    expect(taken[2]).toBe('owner: firing slack');
    await see();
    await pass(SECOND_MS);
    expect(taken[3]).toBe('owner: resolved slack');
  });

  test('holds back what happens in quiet hours, and tells it in one message at their end', async () => {
    await only('owner');
    // It is 10:00.
    prefs.quietHours = { enabled: true, start: '09:00', end: '10:02', timezone: 'UTC' };
    dispatch();
    await see(condition('slack'), condition('mail', 'warning'));
    await pass(30 * SECOND_MS);
    await see(condition('slack'));
    await pass(85 * SECOND_MS);
    expect(taken).toEqual([]);
    await pass(10 * SECOND_MS);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatch(/^owner: summary (slack mail|mail slack)$/);
    await see();
    await pass(SECOND_MS);
    expect(taken.slice(1)).toEqual(['owner: resolved slack']);
  });

  test('lets critical alerts through quiet hours where their person wants it', async () => {
    await only('owner');
    prefs.quietHours = { enabled: true, start: '09:00', end: '11:00', timezone: 'UTC' };
    prefs.criticalBreaksQuiet = true;
    dispatch();
    await see(condition('slack'), condition('mail', 'warning'));
    await pass(SECOND_MS);
    expect(taken).toEqual(['owner: firing slack']);
  });

  test('tells more than five things at once in one message', async () => {
    await only('owner');
    dispatch();
    await see(...Array.from({ length: 30 }, (_, index) => condition(`c${index}`)));
    await pass(SECOND_MS);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toContain('owner: summary');
  });

  test('repeats a failed attempt after 1 s, 2 s, 4 s, not before the server asks for it, in order and under the same id', async () => {
    await only('owner');
    results = [
      { outcome: 'failed', error: 'down' },
      { outcome: 'failed', error: 'down' },
      { outcome: 'failed', error: 'slow down', afterMs: 20 * SECOND_MS },
    ];
    dispatch();
    await see(condition('slack'));
    await pass(SECOND_MS);
    await see();
    await pass(30 * SECOND_MS);
    expect(taken).toEqual(['owner: firing slack', 'owner: resolved slack']);
    const waits = attempts
      .slice(1, 4)
      .map((at, index) => Math.round((at - (attempts[index] ?? 0)) / SECOND_MS));
    expect(waits).toEqual([1, 2, 20]);
    const channel = await database.db
      .selectFrom('notificationChannels')
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(channel).toMatchObject({ state: 'ok', failures: 0, lastError: null, retryAt: null });
  });

  test('waits 1 s again after a failure that follows a success, however often it had failed before', async () => {
    await only('owner');
    await database.db.updateTable('notificationChannels').set({ failures: 8 }).execute();
    results = [{ outcome: 'sent' }, { outcome: 'failed', error: 'down' }];
    dispatch();
    await see(condition('slack'), condition('mail'));
    await pass(2 * SECOND_MS);
    expect(taken).toHaveLength(2);
  });

  test('sends nothing more to a channel that is blocked', async () => {
    await only('owner');
    results = [{ outcome: 'blocked', error: 'the bot was blocked' }];
    dispatch();
    await see(condition('slack'), condition('mail'));
    await pass(SECOND_MS);
    await see();
    await pass(HOUR_MS / 60);
    expect(taken).toEqual([]);
    expect(attempts).toHaveLength(1);
  });

  test('goes on where a killed Buoy was sending, once its claim has ended', async () => {
    await only('owner');
    const busyUntil = isoTime(clock.now() + 30 * SECOND_MS);
    await database.db.updateTable('notificationChannels').set({ busyUntil }).execute();
    dispatch();
    await see(condition('slack'));
    clock.pass(29 * SECOND_MS);
    await pass(2 * SECOND_MS);
    expect(taken).toEqual(['owner: firing slack']);
    expect(attempts.map((at) => at >= Date.parse(busyUntil))).toEqual([true]);
  });

  test('goes on at once where no other Buoy can be sending', async () => {
    await only('owner');
    await database.db
      .updateTable('notificationChannels')
      .set({ busyUntil: isoTime(clock.now() + 30 * SECOND_MS) })
      .execute();
    dispatch(true);
    await see(condition('slack'));
    await pass(SECOND_MS);
    expect(taken).toEqual(['owner: firing slack']);
  });

  test('tells nothing that waits to somebody whose role has ended meanwhile', async () => {
    await only('admin');
    results = [{ outcome: 'failed', error: 'down' }];
    dispatch();
    await see(condition('slack'));
    await pass(0);
    await database.db.deleteFrom('grants').where('userId', '=', 'admin').execute();
    await pass(5 * SECOND_MS);
    expect(taken).toEqual([]);
  });

  test('tells an alert again when its snooze has ended, and not that it was snoozed where it was not told', async () => {
    await only('owner');
    dispatch();
    const changes = await see(condition('slack'));
    const { id } = changes?.opened[0] ?? expect.unreachable();
    await pass(SECOND_MS);
    const by = { userId: 'owner', now: isoTime(clock.now()) };
    await alerts.snooze(id, isoTime(clock.now() + 10 * SECOND_MS), by);
    await pass(15 * SECOND_MS);
    expect(taken).toEqual(['owner: firing slack', 'owner: snoozed slack', 'owner: firing slack']);
  });

  test('gives a delivery up after a day', async () => {
    await only('owner');
    results = [{ outcome: 'failed', error: 'down', afterMs: 25 * HOUR_MS }];
    dispatch();
    await see(condition('slack'));
    await pass(SECOND_MS);
    clock.pass(26 * HOUR_MS);
    await pass(SECOND_MS);
    expect(taken).toEqual([]);
    expect(attempts).toHaveLength(1);
  });

  test('sends at most 60 messages about one server in ten minutes, and the rest in one at their end', async () => {
    await only('owner');
    dispatch();
    for (let round = 0; round < 40; round += 1) {
      await see(condition(`c${round}`));
      await pass(SECOND_MS);
    }
    expect(taken).toHaveLength(60);
    clock.pass(600 * SECOND_MS);
    await pass(SECOND_MS);
    expect(taken).toHaveLength(61);
    expect(taken[60]).toMatch(/^owner: summary .*c39/);
  }, 30_000);

  test('tells what happened on one server before a hundred things of another, however long those wait', async () => {
    await only('owner');
    await addServer('srv_2');
    const store = createOutboxStore(database.db);
    await see(...Array.from({ length: 100 }, (_, index) => condition(`c${index}`)));
    clock.pass(SECOND_MS);
    await seeOn('srv_2', condition('quiet'));
    expect(await store.serversWithEvents(isoTime(clock.now()))).toEqual(['srv_1', 'srv_2']);
    dispatch();
    await within(5_000, async () => {
      const waiting = await database.db
        .selectFrom('notificationDeliveries')
        .select('serverId')
        .distinct()
        .execute();
      return waiting.length === 2;
    });
    await pass(SECOND_MS);
    expect(taken.join(' ')).toContain('quiet');
  });

  test('tells other alerts while a receiver rejects one for a day, and tries that one again by itself', async () => {
    await only('owner');
    isRejected = (told) => told.alerts.some(({ alert }) => alert.cause.startsWith('odd'));
    dispatch();
    await see(condition('odd'), ...Array.from({ length: 6 }, (_, index) => condition(`c${index}`)));
    await pass(20 * SECOND_MS);
    expect(taken.toSorted()).toEqual(Array.from({ length: 6 }, (_, index) => `owner: firing c${index}`));
    await see(
      ...Array.from({ length: 6 }, (_, index) => condition(`c${index}`)),
      condition('late'),
      condition('odd'),
    );
    await pass(2 * SECOND_MS);
    expect(taken).toContain('owner: firing late');
    isRejected = () => false;
    clock.pass(300 * SECOND_MS);
    await pass(SECOND_MS);
    expect(taken).toContain('owner: firing odd');
  });

  test('tells nothing of an alert that was over before its receiver took it', async () => {
    await only('owner');
    isRejected = () => true;
    dispatch();
    await see(condition('odd'));
    await pass(20 * SECOND_MS);
    await see();
    await pass(SECOND_MS);
    isRejected = () => false;
    clock.pass(300 * SECOND_MS);
    await pass(SECOND_MS);
    expect(taken).toEqual([]);
  });

  test('keeps at most 100 deliveries of one server waiting for one channel, and has room for those of others', async () => {
    await only('owner');
    const retryAt = isoTime(clock.now() + HOUR_MS);
    await database.db.updateTable('notificationChannels').set({ retryAt }).execute();
    await addServer('srv_2');
    dispatch();
    for (let round = 0; round < 3; round += 1) {
      await see(...Array.from({ length: 100 }, (_, index) => condition(`${newId('alr')}${index}`)));
      await pass(SECOND_MS);
    }
    await seeOn('srv_2', condition('quiet'));
    await pass(SECOND_MS);
    const waiting = await database.db
      .selectFrom('notificationDeliveries')
      .innerJoin('alerts', 'alerts.id', 'notificationDeliveries.alertId')
      .select((e) => ['alerts.serverId', e.fn.countAll<number>().as('count')])
      .where('kind', '=', 'firing')
      .groupBy('alerts.serverId')
      .orderBy('alerts.serverId')
      .execute();
    expect(waiting.map(({ serverId, count }) => [serverId, Number(count)])).toEqual([
      ['srv_1', 100],
      ['srv_2', 1],
    ]);
  }, 30_000);

  test('sends one by one what a receiver refuses together, so that only what it never takes is lost', async () => {
    await only('owner');
    results = [
      { outcome: 'refused', error: 'too large' },
      { outcome: 'refused', error: 'too large' },
    ];
    dispatch();
    await see(...Array.from({ length: 6 }, (_, index) => condition(`c${index}`)));
    await pass(SECOND_MS);
    expect(attempts).toHaveLength(7);
    expect(taken).toHaveLength(5);
    expect(taken.every((text) => text.startsWith('owner: firing c'))).toBe(true);
  });
});
