// What a viewer, a revoked admin and a hostile server gain by automatic repair: no restart that nobody with the right has asked for, and no more than the limit.
import path from 'node:path';
import type { AutoRepair, Task } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { within } from '../../../testbed/until.ts';
import { createAlertStore } from '../../src/alerts/alerts.store.ts';
import { restOf } from '../../src/alerts/condition.ts';
import { type DatabaseHandle, openDatabase } from '../../src/db/database.ts';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';

const SOON_MS = 20_000;

let fixture: AccessFixture;
let database: DatabaseHandle;
let id: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  database = await openDatabase({ engine: 'sqlite', file: path.join(fixture.running.dataDir, 'buoy.db') });
});
afterAll(async () => {
  await database.close();
  await fixture.running.close();
});
beforeEach(async () => {
  id = await fixture.newServer();
});

/** As the server makes a check see it. */
const see = (isDown: boolean) =>
  createAlertStore(database.db).record(
    id,
    {
      active: isDown
        ? [{ type: 'gateway_down', subject: '', severity: 'critical', cause: 'It is stopped.', evidence: '' }]
        : [],
      ...{ isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
    },
    new Date().toISOString(),
  );
/** Each has Buoy look at once. */
const set = (person: Person, perDay: number) =>
  fixture.as(person, 'PUT', `/servers/${id}/auto-repair`, { enabled: true, perDay });
const state = async () =>
  (await fixture.as('owner', 'GET', `/servers/${id}/auto-repair`)).json<{ autoRepair: AutoRepair }>()
    .autoRepair;
const restarts = async () =>
  (await fixture.as('owner', 'GET', `/tasks?serverId=${id}`)).json<{ tasks: Task[] }>().tasks;
const cancelAll = async () => {
  for (const task of await restarts())
    if (task.finishedAt === null) await fixture.as('owner', 'POST', `/tasks/${task.id}/cancel`);
  await within(SOON_MS, async () => (await restarts()).every(({ finishedAt }) => finishedAt !== null));
};

describe('automatic repair', () => {
  test('restarts a server that flaps again and again no more often than it may', {
    timeout: 120_000,
  }, async () => {
    await set('admin', 2);
    for (let times = 0; times < 12; times += 1) {
      await see(true);
      await set('admin', 2);
      if (times < 2) await within(SOON_MS, async () => (await state()).usedToday === times + 1);
      await cancelAll();
      await see(false);
    }
    expect(await restarts()).toHaveLength(2);
    expect(await state()).toMatchObject({ usedToday: 2, perDay: 2 });
  });

  test('lets nobody reset the count by switching it off and on, or by another person', {
    timeout: 60_000,
  }, async () => {
    await set('admin', 1);
    await see(true);
    await set('admin', 1);
    await within(SOON_MS, async () => (await state()).usedToday === 1);
    await cancelAll();
    await see(false);
    await fixture.as('admin', 'PUT', `/servers/${id}/auto-repair`, { enabled: false, perDay: 1 });
    await set('owner', 1);
    await see(true);
    await set('owner', 1);
    await set('owner', 1);
    expect((await state()).usedToday).toBe(1);
    expect(await restarts()).toHaveLength(1);
  });

  test('restarts nothing for a revoked admin, whose setting is gone before the alert', async () => {
    await set('admin', 5);
    await fixture.as('owner', 'DELETE', `/servers/${id}/access/${ids.admin}`);
    await see(true);
    await fixture.as('owner', 'PUT', `/servers/${id}/auto-repair`, { enabled: false, perDay: 5 });
    expect(await restarts()).toEqual([]);
  });

  test('restarts nothing for a grant that another Buoy has taken away, and switches itself off', async () => {
    await set('admin', 5);
    await database.db
      .deleteFrom('grants')
      .where('serverId', '=', id)
      .where('userId', '=', ids.admin)
      .execute();
    await see(true);
    await within(SOON_MS, async () => (await state()).lastResult === 'switched_off');
    expect(await restarts()).toEqual([]);
  });

  test('gives a viewer no restart, by whatever they send', async () => {
    await see(true);
    for (const body of [{ enabled: true }, { enabled: true, perDay: 5, setBy: ids.owner }])
      expect(
        (await fixture.as('viewer', 'PUT', `/servers/${id}/auto-repair`, body)).statusCode,
      ).toBeGreaterThanOrEqual(400);
    expect((await state()).enabled).toBe(false);
    expect(await restarts()).toEqual([]);
  });

  test('says in the audit log and at the alert that Buoy did it, and on whose setting', async () => {
    await set('admin', 1);
    await see(true);
    await set('admin', 1);
    await within(SOON_MS, async () => (await restarts()).length === 1);
    expect(await restarts()).toMatchObject([{ type: 'openclaw.restart', createdBy: ids.admin }]);
    expect(await fixture.auditLog()).toContainEqual(
      expect.objectContaining({ action: 'auto-repair', serverId: id, userId: ids.admin, ip: null }),
    );
    const { alerts } = (await fixture.as('viewer', 'GET', `/alerts?serverId=${id}`)).json();
    expect(alerts).toMatchObject([
      { autoRepair: { result: 'running', by: expect.stringContaining('User 101') } },
    ]);
    await cancelAll();
  });
});
