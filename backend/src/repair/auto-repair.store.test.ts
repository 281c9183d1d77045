// Automatic repair in both databases, with a FakeClock: once for each alert, a few times a day, with whose rights, by one of several Buoys.
import { type Task, taskTypes } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActiveCondition } from '../alerts/alert-changes.store.ts';
import { createAlertStore } from '../alerts/alerts.store.ts';
import { restOf } from '../alerts/condition.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { Caller } from '../users/caller.ts';
import { userRow } from '../users/testing/people.ts';
import { createAutoRepairStore } from './auto-repair.store.ts';
import { type AutoRepairs, createAutoRepairs } from './auto-repair.ts';

const HOUR_MS = 3_600_000;
const down: ActiveCondition = {
  ...{ type: 'gateway_down', subject: '', severity: 'critical' },
  ...{ cause: 'The gateway is stopped.', evidence: '' },
};
const callerOf = (id: string) => ({ user: { id }, sessionId: 'ses_1', apiToken: null }) as unknown as Caller;

describe.each(testDatabases())('automatic repair on $name', ({ open }) => {
  let database: DatabaseHandle;
  let clock: FakeClock;
  let started: Array<{ id: string; serverId: string; by: string }>;
  let audited: string[];
  let admins: Set<string>;
  let busy: Set<string>;
  let inMaintenance: Set<string>;
  let lastByHand: string | null;
  let taskStatus: Task['status'];
  let buoys: AutoRepairs[];

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    for (const table of ['servers', 'users'] as const) await database.db.deleteFrom(table).execute();
    for (const id of ['ada', 'bob']) await database.db.insertInto('users').values(userRow(id)).execute();
    for (const id of ['a', 'b']) await database.db.insertInto('servers').values(serverRow(id)).execute();
    clock = createFakeClock();
    started = [];
    audited = [];
    admins = new Set(['ada', 'bob']);
    busy = new Set();
    inMaintenance = new Set();
    lastByHand = null;
    taskStatus = 'succeeded';
    buoys = [];
    return async () => {
      for (const buoy of buoys) await buoy.close();
    };
  });

  const stopByHand = () => {
    lastByHand = taskTypes.stop;
  };
  const recorder = (action: string) => ({
    change: (): TransactionHook => async () => void audited.push(action),
  });
  const newBuoy = () => {
    const { logger, text } = createRecordingLogger();
    const buoy = createAutoRepairs({
      store: createAutoRepairStore(database.db),
      tasks: {
        async start(type, { serverId, createdBy, also }, audit) {
          const id = `tsk_${type}_${started.length}_${Math.random()}`;
          await database.db.transaction().execute(async (trx) => {
            await also?.(id)(trx);
            await audit?.change()(trx);
          });
          started.push({ id, serverId: serverId ?? '', by: createdBy });
          return { id } as Task;
        },
        find: async (id) => {
          if (!started.some((task) => task.id === id)) throw new AppError('not_found', 'No such task.');
          return { status: taskStatus } as Task;
        },
        activeOnServer: async (serverId) => (busy.has(serverId) ? [{} as Task] : []),
        lastEnded: async () => (lastByHand === null ? [] : [{ type: lastByHand, succeeded: true } as never]),
      },
      maintenance: {
        active: async (id) => new Map(inMaintenance.has(id ?? '') ? [[id ?? '', {} as never]] : []),
      },
      mayRepair: async (userId) => admins.has(userId),
      audit: { recorder: ({ action }) => recorder(action) as never },
      onEvent: () => {},
      clock,
      logger,
    });
    buoys.push(buoy);
    return { buoy, log: text };
  };
  const switchOn = (buoy: AutoRepairs, { perDay = 2, by = 'ada', serverId = 'a' } = {}) =>
    buoy.set(serverId, callerOf(by), { enabled: true, perDay }, recorder('set') as never);
  const alerts = () => createAlertStore(database.db);
  const see = (serverId: string, active: ActiveCondition[]) =>
    alerts().record(
      serverId,
      { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
      isoTime(clock.now()),
    );
  const fire = async (serverId = 'a') => (await see(serverId, [down]))?.opened[0]?.id ?? expect.unreachable();
  const state = async (serverId = 'a') => (await newBuoy().buoy.read(serverId)).autoRepair;
  /** Until all Buoys have checked, some times: what was not done is not left for later. */
  const checked = async () => {
    for (let round = 0; round < 3; round += 1) await Promise.all(buoys.map((buoy) => buoy.wake()));
  };

  test('is off until somebody switches it on', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await fire();
    await checked();
    expect(started).toEqual([]);
    expect(await state()).toEqual({
      ...{ enabled: false, perDay: 2, usedToday: 0, setBy: null, lastAt: null, lastResult: null },
    });
  });

  test('restarts the gateway once for an alert, as the person who switched it on, and notes it', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy, { perDay: 5 });
    const id = await fire();
    await checked();
    await checked();
    expect(started).toMatchObject([{ serverId: 'a', by: 'ada' }]);
    expect(audited).toEqual(['set', 'auto-repair']);
    expect(await alerts().find(id)).toMatchObject({ autoRepairedBy: 'ada', autoRepairResult: 'succeeded' });
    expect(await state()).toMatchObject({ usedToday: 1, lastResult: 'succeeded', setBy: { userId: 'ada' } });
    const events = await database.db
      .selectFrom('alertEvents')
      .select('kind')
      .where('alertId', '=', id)
      .execute();
    expect(events.map(({ kind }) => kind)).toContain('auto_repair');
  });

  test('leaves alone what began before it was switched on', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await fire();
    clock.pass(1_000);
    await switchOn(buoy);
    await checked();
    expect(started).toEqual([]);
  });

  test('restarts a server that flaps no more often in 24 hours than it may, whatever becomes of its alerts', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy, { perDay: 2 });
    for (let times = 0; times < 20; times += 1) {
      await fire();
      await checked();
      await see('a', []);
      clock.pass(HOUR_MS);
    }
    expect(started).toHaveLength(2);
    await database.db.deleteFrom('alerts').execute();
    await fire();
    await checked();
    expect(started).toHaveLength(2);
    await see('a', []);
    clock.pass(5 * HOUR_MS);
    await fire();
    await checked();
    expect(started).toHaveLength(3);
  });

  test.each<[string, (alertId: string) => unknown]>([
    ['is in maintenance', () => void inMaintenance.add('a')],
    ['has a task that runs', () => void busy.add('a')],
    ['was stopped by a person', () => stopByHand()],
    ['has acknowledged', (id) => alerts().acknowledge(id, { userId: 'bob', now: isoTime(clock.now()) })],
    [
      'has snoozed',
      (id) =>
        alerts().snooze(id, isoTime(clock.now() + HOUR_MS), { userId: 'bob', now: isoTime(clock.now()) }),
    ],
  ])('leaves a server alone that %s', async (_, before) => {
    const { buoy } = newBuoy();
    await switchOn(buoy);
    await before(await fire());
    buoy.start();
    await checked();
    expect(started).toEqual([]);
  });

  test('restarts it when the maintenance is over and the alert still holds', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy);
    inMaintenance.add('a');
    await fire();
    await checked();
    inMaintenance.clear();
    await checked();
    expect(started).toHaveLength(1);
  });

  test('is switched off where the person is no longer an admin, and stays so when they are one again', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy);
    admins.delete('ada');
    await fire();
    await checked();
    expect(started).toEqual([]);
    expect(audited).toEqual(['set', 'auto-repair switched off']);
    admins.add('ada');
    await see('a', []);
    await fire();
    await checked();
    expect(started).toEqual([]);
    expect(await state()).toMatchObject({ enabled: false, lastResult: 'switched_off' });
  });

  test('ends with a revocation at once, on all servers of a person who is disabled, and not that of others', async () => {
    const { buoy } = newBuoy();
    await switchOn(buoy);
    await switchOn(buoy, { serverId: 'b' });
    await buoy.endOf('a', 'bob');
    expect((await state()).enabled).toBe(true);
    admins.delete('ada');
    await buoy.endOf('a', 'ada');
    expect([(await state('a')).enabled, (await state('b')).enabled]).toEqual([false, true]);
    await buoy.endOfPerson('ada');
    expect((await state('b')).enabled).toBe(false);
  });

  test('goes on with the rights of whoever has taken it over', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy);
    clock.pass(1_000);
    await switchOn(buoy, { by: 'bob' });
    admins.delete('ada');
    await buoy.endOfPerson('ada');
    await fire();
    await checked();
    expect(started).toMatchObject([{ by: 'bob' }]);
  });

  test('restarts a gateway once where several Buoys see its alert at the same time', async () => {
    const all = Array.from({ length: 4 }, () => newBuoy());
    await switchOn(all[0]?.buoy ?? expect.unreachable(), { perDay: 5 });
    await fire();
    for (const { buoy } of all) buoy.start();
    await checked();
    expect(started).toHaveLength(1);
    expect(all.map(({ log }) => log()).join('')).not.toContain('could not continue');
  });

  test('keeps the limit where several alerts of a server meet several Buoys', async () => {
    const store = createAutoRepairStore(database.db);
    const { buoy } = newBuoy();
    await switchOn(buoy, { perDay: 1 });
    const times = {
      now: isoTime(clock.now()),
      dayAgo: isoTime(clock.now() - 24 * HOUR_MS),
      forgetBefore: '2020',
    };
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) {
      ids.push(await fire());
      // Each has its own alert; the one before is open again for the sake of the test.
      await see('a', []);
    }
    await database.db.updateTable('alerts').set({ subject: 'x' }).execute();
    for (const [index, id] of ids.entries())
      await database.db
        .updateTable('alerts')
        .set({ resolvedAt: null, subject: `s${index}` })
        .where('id', '=', id)
        .execute();
    const claims = await Promise.all(
      ids.map((alertId, index) =>
        database.db
          .transaction()
          .execute((trx) =>
            store.claim(
              trx,
              { serverId: 'a', alertId, taskId: `tsk_${index}`, setBy: 'ada', name: 'Ada' },
              times,
            ),
          ),
      ),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('tells that a restart did not help, and nothing of one whose alert is over', async () => {
    const { buoy } = newBuoy();
    buoy.start();
    await switchOn(buoy);
    taskStatus = 'running';
    const id = await fire();
    await checked();
    expect(await state()).toMatchObject({ lastResult: 'running' });
    taskStatus = 'failed';
    await checked();
    expect(await alerts().find(id)).toMatchObject({ autoRepairResult: 'failed' });
    const kinds = async () =>
      (await database.db.selectFrom('alertEvents').select('kind').execute()).filter(
        ({ kind }) => kind === 'auto_repair',
      ).length;
    expect(await kinds()).toBe(2);
  });
});
