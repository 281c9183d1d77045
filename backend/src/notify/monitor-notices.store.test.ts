// What super-admins are told of the monitor, on both databases: each time once, through restarts, failures, quiet hours and several Buoys.
import type { NotificationPrefs } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { userRow } from '../users/testing/people.ts';
import { createDeliveryStore } from './deliveries.store.ts';
import { createMonitorNoticeStore } from './monitor-notices.store.ts';
import { createMonitorNotices } from './monitor-notices.ts';
import type { Notification, SendResult } from './sender.ts';
import { channelRow } from './testing/notifications.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const INTERVAL_MS = 5 * MINUTE_MS;
/** Half of what counts as a machine that was asleep. */
const STEP_MS = 30_000;
const { signal } = new AbortController();

type Buoy = () => Promise<void>;

describe.each(testDatabases())('notices of the monitor on $name', ({ open }) => {
  let database: DatabaseHandle;
  let clock: FakeClock;
  let prefs: NotificationPrefs;
  /** `channel kind`, and what was sent. */
  let told: Array<{ to: string; kind: string } & Pick<Notification, 'id' | 'at' | 'since' | 'language'>>;
  let results: Array<SendResult | Error>;

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    clock = createFakeClock();
    [told, results] = [[], []];
    prefs = {
      mutedTypes: [],
      quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
      ...{ criticalBreaksQuiet: false, minSeverity: 'critical', reminders: true, escalationOnly: false },
    };
    const { db } = database;
    for (const table of ['users', 'monitorRounds'] as const) await db.deleteFrom(table).execute();
    const people = {
      ...{ root: { isSuperAdmin: 1, languageCode: 'de' }, configured: {}, person: {} },
      gone: { isSuperAdmin: 1, disabledAt: isoTime(clock.now()) },
    };
    for (const [id, changes] of Object.entries(people)) {
      await db.insertInto('users').values(userRow(id, changes)).execute();
      await db.insertInto('notificationChannels').values(channelRow(id)).execute();
    }
    await db
      .insertInto('monitorRounds')
      .values({
        id: 1,
        dueAt: isoTime(clock.now()),
        endedAt: isoTime(clock.now()),
        durationMs: 1,
        staleSince: null,
      })
      .execute();
  });

  const start = (): Buoy => {
    const pass = createMonitorNotices({
      store: createMonitorNoticeStore(database.db, ['configured']),
      deliveries: createDeliveryStore(database.db),
      prefsOf: async () => prefs,
      async send({ userId }, { kind, id, at, since, language }) {
        const result = results.shift() ?? { outcome: 'sent' };
        if (result instanceof Error) throw result;
        if (result.outcome === 'sent')
          told.push({ to: userId, kind, id, at, language, ...(since === undefined ? {} : { since }) });
        return result;
      },
      ...{ intervalMs: INTERVAL_MS, clock, logger: createRecordingLogger().logger },
    });
    return () => pass({ ending: signal, cancelling: signal });
  };

  /** Lets time pass, in which these Buoys go on, all at the same time. */
  const pass = async (ms: number, ...buoys: Buoy[]): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.pass(Math.min(left, STEP_MS));
      await Promise.all(buoys.map((buoy) => buoy()));
    }
  };
  const endRound = () =>
    database.db
      .updateTable('monitorRounds')
      .set({ endedAt: isoTime(clock.now()) })
      .execute();
  const words = () => told.map(({ to, kind }) => `${to} ${kind}`).toSorted();
  const only = (...userIds: string[]) =>
    database.db.deleteFrom('notificationChannels').where('userId', 'not in', userIds).execute();
  const change = (values: object) => database.db.updateTable('notificationChannels').set(values).execute();
  const rows = () => database.db.selectFrom('monitorNotices').selectAll().execute();

  test('tell super-admins alone once that it is stale, and once that it is over', async () => {
    const since = isoTime(clock.now());
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    await pass(60 * MINUTE_MS, buoy);
    expect(words()).toEqual(['configured monitor_stale', 'root monitor_stale']);
    expect(told.find(({ to }) => to === 'root')).toMatchObject({ since, language: 'de' });
    await endRound();
    const at = isoTime(clock.now());
    await pass(10 * MINUTE_MS, buoy);
    expect(words().slice(1)).toContain('root monitor_recovered');
    expect(
      told
        .slice(2)
        .map(({ to }) => to)
        .toSorted(),
    ).toEqual(['configured', 'root']);
    expect(told[2]).toMatchObject({ kind: 'monitor_recovered', at, since });
    expect(new Set(told.map(({ id }) => id)).size).toBe(4);
    expect(await rows()).toEqual([]);
  });

  test('come once where three Buoys share the database and notice it at the same time', async () => {
    const buoys = [start(), start(), start()];
    for (let outage = 0; outage < 3; outage += 1) {
      await pass(16 * MINUTE_MS, ...buoys);
      await endRound();
      await pass(MINUTE_MS, ...buoys);
    }
    expect(words()).toEqual(
      ['configured', 'root'].flatMap((person) =>
        ['monitor_recovered', 'monitor_stale'].flatMap((kind) => Array(3).fill(`${person} ${kind}`)),
      ),
    );
  });

  test('are not repeated by a Buoy that starts while it is stale, which tells the end', async () => {
    await only('root');
    await pass(16 * MINUTE_MS, start());
    const restarted = start();
    await pass(60 * MINUTE_MS, restarted);
    expect(words()).toEqual(['root monitor_stale']);
    await endRound();
    await pass(MINUTE_MS, start());
    expect(words()).toEqual(['root monitor_recovered', 'root monitor_stale']);
  });

  test('do not come in the first minutes after a start or after the machine was asleep', async () => {
    await only('root');
    clock.pass(24 * 60 * MINUTE_MS);
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    clock.pass(8 * 60 * MINUTE_MS);
    await pass(15 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    await pass(MINUTE_MS, buoy);
    expect(words()).toEqual(['root monitor_stale']);
  });

  test('wait for the end of quiet hours, unless critical alerts break them, and then say how it is by then', async () => {
    await only('root');
    prefs = { ...prefs, quietHours: { enabled: true, start: '09:00', end: '12:00', timezone: 'UTC' } };
    const buoy = start();
    await pass(60 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    await endRound();
    await pass(59 * MINUTE_MS, buoy);
    await endRound();
    expect(told).toEqual([]);
    await pass(2 * MINUTE_MS, buoy);
    expect(words()).toEqual(['root monitor_recovered']);
    prefs = { ...prefs, criticalBreaksQuiet: true };
    prefs.quietHours.end = '08:00';
    await pass(16 * MINUTE_MS, buoy);
    expect(words()).toEqual(['root monitor_recovered', 'root monitor_stale']);
  });

  test('reach no channel that is switched off or blocked, and nobody who is no super-admin any more', async () => {
    await only('root');
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    await change({ enabled: 0 });
    await pass(MINUTE_MS, buoy);
    expect(await rows()).toEqual([]);
    await endRound();
    await pass(15 * MINUTE_MS, buoy);
    await change({ enabled: 1, retryAt: isoTime(clock.now() + 2 * MINUTE_MS) });
    await pass(MINUTE_MS, buoy);
    expect(await rows()).toHaveLength(1);
    await database.db.updateTable('users').set({ isSuperAdmin: 0 }).execute();
    await pass(5 * MINUTE_MS, buoy);
    await database.db.updateTable('users').set({ isSuperAdmin: 1 }).execute();
    await change({ state: 'blocked' });
    await pass(5 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
  });

  test('are repeated under the same id until they are taken, and keep no alert of the channel waiting', async () => {
    await only('root');
    const failed: SendResult = { outcome: 'failed', error: 'It is off.' };
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    results = [failed, new Error('a bug'), { ...failed, afterMs: 3 * MINUTE_MS }];
    await pass(STEP_MS, buoy);
    const [waiting] = await rows();
    expect(await database.db.selectFrom('notificationChannels').selectAll().execute()).toMatchObject([
      { state: 'failing', lastError: 'It is off.', retryAt: null, busyUntil: null },
    ]);
    await pass(2 * STEP_MS, buoy);
    await pass(2 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    await pass(2 * MINUTE_MS, buoy);
    expect(told).toMatchObject([{ id: waiting?.id }]);
    expect(await database.db.selectFrom('notificationChannels').selectAll().execute()).toMatchObject([
      { state: 'ok', lastError: null },
    ]);
  });

  test('that a receiver refuses or that blocks its channel are not repeated', async () => {
    results = [
      { outcome: 'refused', error: 'No.' },
      { outcome: 'blocked', error: 'Gone.' },
    ];
    const buoy = start();
    await pass(30 * MINUTE_MS, buoy);
    await endRound();
    await pass(5 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    const states = await database.db
      .selectFrom('notificationChannels')
      .select(['state', 'lastError'])
      .where('userId', 'in', ['root', 'configured'])
      .orderBy('state')
      .execute();
    expect(states).toEqual([
      { state: 'blocked', lastError: 'Gone.' },
      { state: 'ok', lastError: 'No.' },
    ]);
  });

  test('are given up after a day', async () => {
    await only('root');
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    await change({ retryAt: isoTime(clock.now() + 48 * 60 * MINUTE_MS) });
    await pass(MINUTE_MS, buoy);
    expect(await createMonitorNoticeStore(database.db, []).waiting(isoTime(clock.now()))).toEqual({
      ...{ due: 1, held: 0 },
    });
    clock.pass(24 * 60 * MINUTE_MS);
    await buoy();
    expect(await rows()).toEqual([]);
  });

  test('of a killed Buoy are repeated when its claim is over', async () => {
    await only('root');
    const buoy = start();
    await pass(15 * MINUTE_MS, buoy);
    await change({ busyUntil: isoTime(clock.now() + 40 * SECOND_MS) });
    await pass(30 * SECOND_MS, buoy);
    expect(told).toEqual([]);
    await pass(30 * SECOND_MS, buoy);
    expect(words()).toEqual(['root monitor_stale']);
  });

  test('begin with the start of Buoy where no round has ever ended, and not before a monitor has started', async () => {
    await only('root');
    await database.db.deleteFrom('monitorRounds').execute();
    const since = isoTime(clock.now());
    const buoy = start();
    await pass(16 * MINUTE_MS, buoy);
    expect(told).toEqual([]);
    await database.db
      .insertInto('monitorRounds')
      .values({ id: 1, dueAt: since, endedAt: null, durationMs: null, staleSince: null })
      .execute();
    await pass(MINUTE_MS, buoy);
    expect(told).toMatchObject([{ kind: 'monitor_stale', since }]);
    await endRound();
    await pass(MINUTE_MS, buoy);
    expect(words()).toEqual(['root monitor_recovered', 'root monitor_stale']);
  });
});
