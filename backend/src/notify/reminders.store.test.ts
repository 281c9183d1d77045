// Reminders on both databases: when they come, once each, what ends them, and what holds them back.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createReminderStore } from './reminders.store.ts';
import {
  condition,
  type DispatchFixture,
  HOUR_MS,
  MINUTE_MS,
  prepareDispatchFixture,
  SECOND_MS,
} from './testing/dispatch-fixture.ts';

describe.each(testDatabases())('reminders on $name', ({ open }) => {
  let database: DatabaseHandle;
  let fixture: DispatchFixture;

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    fixture = await prepareDispatchFixture(database, ['ada']);
  });
  afterEach(() => fixture.stop());

  /** Hours after the first message of each that followed. */
  const hours = (): number[] => {
    const [first, ...rest] = fixture.sent;
    return rest.map(({ atMs }) => (atMs - (first?.atMs ?? 0)) / HOUR_MS);
  };
  const passHours = async (count: number): Promise<void> => {
    for (let hour = 0; hour < count; hour += 1) await fixture.pass(HOUR_MS);
  };
  /** A critical alert that was told, and one hour less a second later. */
  const almostReminded = async (): Promise<string> => {
    fixture.dispatch();
    const id = await fixture.see(condition('slack'));
    await fixture.pass(0);
    await fixture.pass(HOUR_MS - SECOND_MS);
    expect(fixture.told()).toEqual(['ada: firing slack']);
    return id;
  };

  test('come for a critical alert after 1 h, 4 h and 16 h, and say since when it lasts', async () => {
    await almostReminded();
    await fixture.pass(SECOND_MS);
    await passHours(17);
    expect(fixture.told().slice(1)).toEqual(Array(3).fill('ada: reminder slack'));
    expect(hours()).toEqual([1, 4, 16]);
    expect(fixture.sent.at(-1)?.notification).toMatchObject({
      ...{ kind: 'reminder', isReminder: true, at: '2026-03-02T02:00:00.000Z' },
      alerts: [{ alert: { firstAt: '2026-03-01T10:00:00.000Z', status: 'firing' } }],
    });
  });

  test('come for a warning after 24 h', async () => {
    fixture.dispatch();
    await fixture.see(condition('mail', 'warning'));
    await fixture.pass(0);
    await passHours(49);
    expect(fixture.told()).toEqual(['ada: firing mail', 'ada: reminder mail', 'ada: reminder mail']);
    expect(hours()).toEqual([24, 48]);
  });

  test('come once where three Buoys share the database', async () => {
    fixture.dispatch();
    fixture.dispatch();
    await almostReminded();
    await fixture.pass(SECOND_MS);
    await passHours(3);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack', 'ada: reminder slack']);
    const ids = fixture.sent.map(({ notification }) => notification.id);
    expect(new Set(ids).size).toBe(3);
  });

  test('go on after a restart: what was missed comes once, and the next one at its time', async () => {
    await almostReminded();
    await fixture.stop();
    fixture.clock.pass(6 * HOUR_MS);
    fixture.dispatch();
    await fixture.pass(0);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
    await fixture.stop();
    fixture.dispatch();
    await passHours(9);
    expect(hours()).toHaveLength(1);
    await fixture.pass(SECOND_MS);
    expect(hours().map(Math.round)).toEqual([7, 16]);
  });

  test('repeat one whose attempt failed before a restart under the same id, and not another time', async () => {
    await almostReminded();
    fixture.results.push({ outcome: 'failed', error: 'down', afterMs: 10 * SECOND_MS });
    await fixture.pass(SECOND_MS);
    expect(fixture.told()).toHaveLength(1);
    await fixture.stop();
    fixture.dispatch();
    await fixture.pass(10 * SECOND_MS);
    await fixture.pass(MINUTE_MS);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
  });

  test('end when somebody acknowledges the alert', async () => {
    const id = await almostReminded();
    await fixture.acknowledge(id);
    await fixture.pass(SECOND_MS);
    await passHours(30);
    expect(fixture.told().slice(1)).toEqual(['ada: acknowledged slack']);
  });

  test('end when somebody snoozes the alert, and begin anew with the end of the snooze', async () => {
    const id = await almostReminded();
    await fixture.snooze(id, 2 * HOUR_MS);
    await fixture.pass(SECOND_MS);
    await passHours(1);
    expect(fixture.told().slice(1)).toEqual(['ada: snoozed slack']);
    await passHours(1);
    await passHours(1);
    expect(fixture.told().slice(2)).toEqual(['ada: firing slack', 'ada: reminder slack']);
  });

  test('end when the alert is resolved', async () => {
    await almostReminded();
    await fixture.see();
    await passHours(30);
    expect(fixture.told().slice(1)).toEqual(['ada: resolved slack']);
  });

  test('are not sent when the alert is acknowledged while its receiver does not answer', async () => {
    const id = await almostReminded();
    fixture.results.push({ outcome: 'failed', error: 'down', afterMs: 5 * MINUTE_MS });
    await fixture.pass(SECOND_MS);
    await fixture.acknowledge(id);
    await fixture.pass(6 * MINUTE_MS);
    expect(fixture.told().slice(1)).toEqual(['ada: acknowledged slack']);
  });

  test('begin anew when the alert becomes worse', async () => {
    fixture.dispatch();
    await fixture.see(condition('mail', 'warning'));
    await fixture.pass(0);
    await passHours(10);
    await fixture.see(condition('mail'));
    await fixture.pass(0);
    await passHours(2);
    expect(fixture.told()).toEqual(['ada: firing mail', 'ada: firing mail', 'ada: reminder mail']);
    expect(hours()).toEqual([10, 11]);
  });

  test.each([
    ['who does not want them', { reminders: false }],
    ['who has muted the type since', { mutedTypes: ['channel_down' as const] }],
  ])('are not sent to a person %s', async (_who, changes) => {
    await almostReminded();
    Object.assign(fixture.prefs.ada ?? {}, changes);
    await fixture.pass(SECOND_MS);
    await passHours(16);
    expect(fixture.told()).toHaveLength(1);
  });

  test('of warnings are not sent to a person who wants critical alerts only by then', async () => {
    fixture.dispatch();
    await fixture.see(condition('mail', 'warning'));
    await fixture.pass(0);
    Object.assign(fixture.prefs.ada ?? {}, { minSeverity: 'critical' });
    await passHours(25);
    expect(fixture.told()).toEqual(['ada: firing mail']);
  });

  test('are not sent to an admin whose role was revoked', async () => {
    await almostReminded();
    await fixture.db.deleteFrom('grants').where('userId', '=', 'ada').execute();
    await fixture.pass(SECOND_MS);
    await passHours(16);
    expect(fixture.told()).toHaveLength(1);
  });

  test('are not sent for an alert whose beginning was not told', async () => {
    Object.assign(fixture.prefs.ada ?? {}, { mutedTypes: ['channel_down'] });
    fixture.dispatch();
    await fixture.see(condition('slack'));
    await fixture.pass(0);
    Object.assign(fixture.prefs.ada ?? {}, { mutedTypes: [] });
    await passHours(5);
    expect(fixture.told()).toEqual([]);
  });

  test('wait for the end of quiet hours and come in one message, however many fell into them', async () => {
    await almostReminded();
    const quietHours = { enabled: true, start: '10:30', end: '15:00', timezone: 'UTC' };
    Object.assign(fixture.prefs.ada ?? {}, { quietHours });
    await fixture.pass(SECOND_MS);
    await passHours(3);
    await fixture.pass(HOUR_MS - SECOND_MS);
    expect(fixture.told()).toHaveLength(1);
    await fixture.pass(SECOND_MS);
    expect(fixture.told().slice(1)).toEqual(['ada: summary slack']);
    expect(fixture.sent[1]?.notification.isReminder).toBe(true);
  });

  test('do not repeat an alert that quiet hours still hold back', async () => {
    const quietHours = { enabled: true, start: '09:00', end: '15:00', timezone: 'UTC' };
    Object.assign(fixture.prefs.ada ?? {}, { quietHours });
    fixture.dispatch();
    await fixture.see(condition('slack'));
    await fixture.pass(0);
    await passHours(5);
    await fixture.pass(MINUTE_MS);
    expect(fixture.told()).toEqual(['ada: summary slack']);
    expect(fixture.sent[0]?.notification.isReminder).toBe(false);
  });

  test('that fall into maintenance come once, at its end', async () => {
    await almostReminded();
    await fixture.maintain(5 * HOUR_MS);
    await fixture.pass(SECOND_MS);
    await passHours(4);
    expect(fixture.told()).toHaveLength(1);
    await passHours(1);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
    await passHours(9);
    expect(fixture.told()).toHaveLength(2);
    await passHours(1);
    expect(fixture.told()).toHaveLength(3);
  });

  test('that were about to be sent when maintenance begins come once, at its end', async () => {
    await almostReminded();
    await fixture.stop();
    fixture.clock.pass(SECOND_MS);
    await createReminderStore(database.db).takeDue(fixture.now());
    await fixture.maintain(HOUR_MS);
    fixture.dispatch();
    await fixture.pass(SECOND_MS);
    await fixture.pass(30 * MINUTE_MS);
    expect(fixture.told()).toHaveLength(1);
    await passHours(2);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
  });

  test('begin with the end of maintenance for an alert that is first told then', async () => {
    fixture.dispatch();
    await fixture.maintain(2 * HOUR_MS);
    await fixture.see(condition('slack'));
    await fixture.pass(0);
    await passHours(2);
    await fixture.pass(SECOND_MS);
    expect(fixture.told()).toEqual(['ada: firing slack']);
    await fixture.pass(HOUR_MS - 2 * SECOND_MS);
    expect(fixture.told()).toHaveLength(1);
    await fixture.pass(2 * SECOND_MS);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
  });

  test('leave out what was told less than 15 min before, as at the end of quiet hours', async () => {
    const quietHours = { enabled: true, start: '09:00', end: '13:50', timezone: 'UTC' };
    Object.assign(fixture.prefs.ada ?? {}, { quietHours });
    fixture.dispatch();
    await fixture.see(condition('slack'));
    await fixture.pass(0);
    await fixture.pass(4 * HOUR_MS - 9 * MINUTE_MS);
    expect(fixture.told()).toEqual(['ada: summary slack']);
    await fixture.pass(10 * MINUTE_MS);
    expect(fixture.told()).toHaveLength(1);
    await passHours(12);
    expect(fixture.told().slice(1)).toEqual(['ada: reminder slack']);
  });

  test('of many alerts come in few messages, each alert once', async () => {
    fixture.dispatch();
    await fixture.see(...Array.from({ length: 150 }, (_, index) => condition(`c${index}`)));
    await fixture.pass(0);
    // The limit of messages about one server holds some of them back for 10 min.
    await fixture.pass(11 * MINUTE_MS);
    const before = fixture.sent.length;
    await fixture.pass(50 * MINUTE_MS);
    await fixture.pass(11 * MINUTE_MS);
    const reminders = fixture.sent.slice(before).map(({ notification }) => notification);
    expect(reminders.every(({ isReminder }) => isReminder)).toBe(true);
    const ids = reminders.flatMap(({ alerts }) => alerts.map(({ alert }) => alert.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(100);
    expect(reminders.length).toBeLessThanOrEqual(4);
  });
});
