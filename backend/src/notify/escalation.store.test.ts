// People who are told only of what others leave, on both databases: when they are told, and when they are not.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import {
  condition,
  type DispatchFixture,
  HOUR_MS,
  MINUTE_MS,
  prepareDispatchFixture,
  SECOND_MS,
} from './testing/dispatch-fixture.ts';

describe.each(testDatabases())('escalation on $name', ({ open }) => {
  let database: DatabaseHandle;
  let fixture: DispatchFixture;

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    fixture = await prepareDispatchFixture(database, ['ada', 'boss']);
    change('boss', { escalationOnly: true });
    change('ada', { reminders: false });
    change('boss', { reminders: false });
  });
  afterEach(() => fixture.stop());

  const change = (userId: string, changes: Partial<DispatchFixture['prefs'][string]>): void => {
    Object.assign(fixture.prefs[userId] ?? {}, changes);
  };
  /** What the one who waits for others was told. */
  const toBoss = (): string[] => fixture.told().filter((text) => text.startsWith('boss'));
  const fire = async (...conditions: Parameters<DispatchFixture['see']>): Promise<string> => {
    fixture.dispatch();
    const id = await fixture.see(...conditions);
    await fixture.pass(0);
    return id;
  };

  test('tells others at once and the person after 30 min, and both that it is over', async () => {
    await fire(condition('slack'));
    expect(fixture.told()).toEqual(['ada: firing slack']);
    await fixture.pass(30 * MINUTE_MS - SECOND_MS);
    expect(toBoss()).toEqual([]);
    await fixture.pass(SECOND_MS);
    expect(toBoss()).toEqual(['boss: firing slack']);
    await fixture.see();
    await fixture.pass(SECOND_MS);
    expect(fixture.told().slice(2).toSorted()).toEqual(['ada: resolved slack', 'boss: resolved slack']);
  });

  test.each([
    ['acknowledges', (id: string) => fixture.acknowledge(id)],
    ['snoozes', (id: string) => fixture.snooze(id, 3 * HOUR_MS)],
    ['resolves', () => fixture.see()],
  ])(
    'tells the person neither of the failure nor of its end when somebody %s it in time',
    async (_verb, act) => {
      const id = await fire(condition('slack'));
      await fixture.pass(29 * MINUTE_MS);
      await act(id);
      await fixture.pass(MINUTE_MS);
      await fixture.pass(HOUR_MS);
      await fixture.see();
      await fixture.pass(SECOND_MS);
      expect(toBoss()).toEqual([]);
      expect(fixture.told().at(-1)).toBe('ada: resolved slack');
    },
  );

  test('tells the person after 30 min although Buoy has restarted the gateway meanwhile: that is nobody who takes care', async () => {
    const id = await fire(condition('slack'));
    const event = { id: 'aev_1', alertId: id, kind: 'auto_repair', at: '2026-03-01T10:00:01.000Z', held: 0 };
    const { serverId } = await fixture.db
      .selectFrom('alerts')
      .select('serverId')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await fixture.db
      .insertInto('alertEvents')
      .values({ ...event, serverId })
      .execute();
    await fixture.pass(30 * MINUTE_MS);
    expect(toBoss()).toContain('boss: firing slack');
    expect(fixture.told()).toContain('ada: auto_repair slack');
  });

  test('does not tell the person of what is acknowledged in the last moment, while no Buoy runs', async () => {
    const id = await fire(condition('slack'));
    await fixture.pass(29 * MINUTE_MS);
    await fixture.stop();
    await fixture.acknowledge(id);
    fixture.clock.pass(5 * MINUTE_MS);
    fixture.dispatch();
    await fixture.pass(SECOND_MS);
    expect(toBoss()).toEqual([]);
  });

  test('goes on after a restart, and tells once where two Buoys share the database', async () => {
    await fire(condition('slack'));
    await fixture.stop();
    fixture.clock.pass(31 * MINUTE_MS);
    fixture.dispatch();
    fixture.dispatch();
    await fixture.pass(SECOND_MS);
    expect(toBoss()).toEqual(['boss: firing slack']);
  });

  test.each([
    ['nobody else is there', () => fixture.db.deleteFrom('grants').where('userId', '=', 'ada').execute()],
    ['the others have no channel', () => removeChannel('ada')],
    ['the others have muted the type', async () => change('ada', { mutedTypes: ['channel_down'] })],
    ['the others want critical alerts only', async () => change('ada', { minSeverity: 'critical' })],
    ['the others wait for others, too', async () => change('ada', { escalationOnly: true })],
    ['the channels of the others take no such alert', () => setChannel({ minSeverity: 'critical' })],
    ['the channels of the others are switched off', () => setChannel({ enabled: 0 })],
    ['the channels of the others are blocked', () => setChannel({ state: 'blocked' })],
    ['the last attempt on the channels of the others failed', () => setChannel({ state: 'failing' })],
  ])('tells the person at once when %s', async (_why, prepare) => {
    await prepare();
    await fire(condition('mail', 'warning'));
    expect(toBoss()).toEqual(['boss: firing mail']);
  });
  const removeChannel = (userId: string) =>
    fixture.db.deleteFrom('notificationChannels').where('userId', '=', userId).execute();
  const setChannel = (changes: { minSeverity?: string; enabled?: number; state?: string }) =>
    fixture.db.updateTable('notificationChannels').set(changes).where('userId', '=', 'ada').execute();

  test('counts quiet hours of the others as reached: the person is told after 30 min', async () => {
    const quietHours = { enabled: true, start: '09:00', end: '15:00', timezone: 'UTC' };
    change('ada', { quietHours });
    await fire(condition('slack'));
    expect(fixture.told()).toEqual([]);
    await fixture.pass(30 * MINUTE_MS);
    expect(fixture.told()).toEqual(['boss: firing slack']);
  });

  test('waits for the end of the quiet hours of the person, and tells nothing when somebody took care meanwhile', async () => {
    const quietHours = { enabled: true, start: '09:00', end: '12:00', timezone: 'UTC' };
    change('boss', { quietHours });
    const id = await fire(condition('slack'), condition('mail'));
    await fixture.pass(31 * MINUTE_MS);
    await fixture.acknowledge(id);
    await fixture.pass(SECOND_MS);
    expect(toBoss()).toEqual([]);
    await fixture.pass(90 * MINUTE_MS);
    const [summary] = fixture.sent.filter(({ userId }) => userId === 'boss');
    expect(summary?.notification).toMatchObject({ kind: 'summary' });
    expect(summary?.notification.alerts).toHaveLength(1);
    expect(summary?.notification.alerts[0]?.alert.id).not.toBe(id);
  });

  test('obeys mutes and minimum severity of the person after 30 min', async () => {
    change('boss', { minSeverity: 'critical' });
    await fire(condition('mail', 'warning'), condition('slack'));
    await fixture.pass(31 * MINUTE_MS);
    expect(toBoss()).toEqual(['boss: firing slack']);
  });

  test('is not put off by an alert that becomes better and worse again', async () => {
    await fire(condition('slack'));
    for (let round = 0; round < 3; round += 1) {
      await fixture.pass(10 * MINUTE_MS - SECOND_MS);
      await fixture.see(condition('slack', 'warning'));
      await fixture.see(condition('slack'));
      await fixture.pass(SECOND_MS);
    }
    expect(toBoss()).toEqual(['boss: firing slack']);
  });

  test('begins anew with the end of a snooze', async () => {
    const id = await fire(condition('slack'));
    await fixture.snooze(id, HOUR_MS);
    await fixture.pass(HOUR_MS);
    await fixture.pass(29 * MINUTE_MS);
    expect(toBoss()).toEqual([]);
    await fixture.pass(MINUTE_MS);
    expect(toBoss()).toEqual(['boss: firing slack']);
  });

  test('waits for the end of maintenance, and not less than 30 min', async () => {
    await fire(condition('slack'));
    await fixture.pass(5 * MINUTE_MS);
    await fixture.maintain(10 * MINUTE_MS);
    await fixture.pass(SECOND_MS);
    await fixture.pass(11 * MINUTE_MS);
    expect(toBoss()).toEqual([]);
    await fixture.pass(15 * MINUTE_MS);
    expect(toBoss()).toEqual(['boss: firing slack']);
  });

  test('is over for an alert that is acknowledged in maintenance', async () => {
    const id = await fire(condition('slack'));
    await fixture.pass(5 * MINUTE_MS);
    await fixture.maintain(HOUR_MS);
    await fixture.pass(SECOND_MS);
    await fixture.acknowledge(id);
    await fixture.pass(MINUTE_MS);
    await fixture.pass(2 * HOUR_MS);
    expect(toBoss()).toEqual([]);
  });

  test('does not tell an admin whose role was revoked meanwhile', async () => {
    await fire(condition('slack'));
    await fixture.db.deleteFrom('grants').where('userId', '=', 'boss').execute();
    await fixture.pass(31 * MINUTE_MS);
    expect(toBoss()).toEqual([]);
  });

  test('reminds the person like any other of what was told after 30 min', async () => {
    change('boss', { reminders: true });
    await fire(condition('slack'));
    await fixture.pass(30 * MINUTE_MS);
    await fixture.pass(30 * MINUTE_MS);
    expect(toBoss()).toEqual(['boss: firing slack', 'boss: reminder slack']);
  });
});
