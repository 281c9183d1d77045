import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { alertRow, channelRow } from '../notify/testing/notifications.ts';
import { userRow } from '../users/testing/people.ts';
import { createRestoredStore } from './restored.store.ts';

describe.each(testDatabases())('restored database on $name', ({ open }) => {
  let database: DatabaseHandle;

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  test('forgets what waited to be told, and keeps what people have been told', async () => {
    const { db } = database;
    const at = '2026-03-01T10:00:00.000Z';
    await db.insertInto('users').values(userRow('ada')).execute();
    await db.insertInto('servers').values(serverRow('srv_1')).execute();
    await db.insertInto('notificationChannels').values(channelRow('ada')).execute();
    await db.insertInto('alerts').values(alertRow()).execute();
    const about = { serverId: 'srv_1', alertId: 'alr_1', at };
    await db
      .insertInto('alertEvents')
      .values({ ...about, id: 'aev_1', kind: 'resolved', held: 0 })
      .execute();
    const delivery = {
      ...about,
      channelId: 'nch_ada',
      kind: 'firing',
      giveUpAt: at,
      message: null,
      rejections: 0,
    };
    await db
      .insertInto('notificationDeliveries')
      .values([
        { ...delivery, id: 'ntf_told', status: 'sent', dueAt: null },
        { ...delivery, id: 'ntf_waiting', status: 'waiting', dueAt: at },
      ])
      .execute();

    await db
      .insertInto('monitorRounds')
      .values({ id: 1, dueAt: at, endedAt: at, durationMs: 1, staleSince: at })
      .execute();
    const notice = { kind: 'monitor_stale', since: at, at, attempts: 0, dueAt: null, giveUpAt: at };
    await db
      .insertInto('monitorNotices')
      .values({ ...notice, channelId: 'nch_ada', id: 'ntf_monitor' })
      .execute();

    await createRestoredStore(db).emptyOutbox();
    expect(await db.selectFrom('monitorNotices').select('id').execute()).toEqual([]);
    expect(await db.selectFrom('monitorRounds').select('staleSince').execute()).toEqual([
      { staleSince: null },
    ]);
    expect(await db.selectFrom('alertEvents').select('id').execute()).toEqual([]);
    expect(await db.selectFrom('notificationDeliveries').select('id').execute()).toEqual([
      { id: 'ntf_told' },
    ]);
  });
});
