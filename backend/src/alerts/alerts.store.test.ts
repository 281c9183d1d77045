// Alerts in both databases: one open alert for each type and subject under concurrent writes, and a paged list.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { isUniqueViolation } from '../db/storage-errors.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { createServerStore } from '../servers/servers.store.ts';
import { createUserStore } from '../users/users.store.ts';
import type { ActiveCondition } from './alert-changes.store.ts';
import { type AlertRow, type AlertStore, createAlertStore, type ObservedConditions } from './alerts.store.ts';
import { restOf } from './condition.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const down: ActiveCondition = {
  ...{ type: 'gateway_down', subject: '', severity: 'critical' },
  ...{ cause: 'The gateway is stopped.', evidence: '' },
};
const disk: ActiveCondition = {
  ...{ type: 'disk_full', subject: '', severity: 'warning' },
  ...{ cause: 'The disk of the server is 86 % full.', evidence: '' },
};
const channel = (subject: string): ActiveCondition => ({ ...down, type: 'channel_down', subject });
type IsOver = (alert: AlertRow) => boolean;
const all: IsOver = () => true;
const none: IsOver = () => false;
const observedOf = (
  active: ActiveCondition[],
  isOver: IsOver,
  most: Partial<ObservedConditions> = {},
): ObservedConditions => ({
  ...{ active, isOver, restOf, maxOpen: 200, maxResolved: 1_000, ...most },
});

describe.each(testDatabases())('alerts on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: AlertStore;
  beforeAll(async () => {
    database = await open();
    store = createAlertStore(database.db);
    for (const id of ['ada', 'bob'])
      await createUserStore(database.db).upsert(
        { id, username: null, firstName: id, lastName: null, photoUrl: null, languageCode: null },
        at(0),
      );
  });
  afterAll(() => database.close());

  const newServer = async (): Promise<string> => {
    const id = newId('srv');
    await createServerStore(database.db).insert(serverRow(id));
    return id;
  };
  const record = async (
    serverId: string,
    active: ActiveCondition[],
    minute: number,
    isOver = all,
    most: Partial<ObservedConditions> = {},
  ) => (await store.record(serverId, observedOf(active, isOver, most), at(minute))) ?? expect.unreachable();
  const opened = async (serverId: string, condition = down, minute = 0): Promise<AlertRow> =>
    (await record(serverId, [condition], minute, none)).opened[0] ?? expect.unreachable();

  test('a condition opens an alert; seen again, it updates the same alert', async () => {
    const serverId = await newServer();
    const first = await record(serverId, [down], 0);
    expect(first).toMatchObject({
      opened: [{ ...down, serverId, firstAt: at(0), lastAt: at(0), count: 1, resolvedAt: null }],
      resolved: [],
    });
    const again = await record(serverId, [{ ...down, cause: 'The gateway has failed.' }], 5);
    expect(again).toEqual({ opened: [], resolved: [] });
    expect(await store.open(serverId)).toEqual([
      { ...first.opened[0], cause: 'The gateway has failed.', lastAt: at(5), count: 2 },
    ]);
  });

  test('a condition that ends resolves its alert, which is kept; when it returns, it opens a new one', async () => {
    const serverId = await newServer();
    const { id } = await opened(serverId);
    expect((await record(serverId, [], 5)).resolved).toMatchObject([{ id, resolvedAt: at(5) }]);
    expect(await store.open(serverId)).toEqual([]);
    const back = await opened(serverId, down, 10);
    expect(back.id).not.toBe(id);
    expect(await store.find(id)).toMatchObject({ resolvedAt: at(5), lastAt: at(0) });
  });

  test('an unevaluated type keeps its alerts, and each channel has its own alert', async () => {
    const serverId = await newServer();
    await record(serverId, [down, channel('telegram/default'), channel('telegram/sales')], 0);
    const { resolved } = await record(
      serverId,
      [channel('telegram/sales')],
      5,
      ({ type }) => type === 'channel_down',
    );
    expect(resolved.map(({ subject }) => subject)).toEqual(['telegram/default']);
    expect((await store.open(serverId)).map(({ type, subject }) => `${type} ${subject}`).sort()).toEqual([
      'channel_down telegram/sales',
      'gateway_down ',
    ]);
  });

  test('concurrent probes open one alert for the same condition', async () => {
    const serverId = await newServer();
    const other = createAlertStore(database.db);
    const results = await Promise.all(
      [store, other, store, other, store, other].map((writer) =>
        writer.record(serverId, observedOf([down, channel('a/b')], all), at(1)),
      ),
    );
    expect(results.flatMap((result) => result?.opened ?? [])).toHaveLength(2);
    expect((await store.open(serverId)).map(({ count }) => count)).toEqual([6, 6]);
  });

  test('the database refuses a second open alert for the same condition', async () => {
    const row = await opened(await newServer());
    const insert = (changes: Partial<AlertRow>) =>
      database.db
        .insertInto('alerts')
        .values({ ...row, id: newId('alr'), ...changes })
        .execute();
    await expect(insert({})).rejects.toSatisfy(isUniqueViolation);
    await insert({ resolvedAt: at(1) });
    await insert({ resolvedAt: at(2) });
  });

  test('deleting a server deletes its alerts and their read marks', async () => {
    const serverId = await newServer();
    const { id } = await opened(serverId);
    await store.markRead(id, { userId: 'ada', now: at(1) });
    await createServerStore(database.db).remove(serverId, at(2));
    expect(await store.find(id)).toBeUndefined();
    expect(await store.readAt(id, 'ada')).toBeNull();
    expect(await store.record(serverId, observedOf([down], all), at(2))).toBeNull();
  });

  test('many conditions open a limited number of alerts, and one alert counts the rest', async () => {
    const serverId = await newServer();
    const many = Array.from({ length: 9 }, (_, index) => channel(`c${index}/default`));
    const few = { maxOpen: 5 };
    const first = await record(serverId, many, 0, all, few);
    expect(first.opened.map(({ subject, cause }) => subject || cause)).toEqual([
      'And 4 more channels are stopped or disconnected.',
      ...['c0/default', 'c1/default', 'c2/default', 'c3/default', 'c4/default'],
    ]);
    expect(await record(serverId, [...many, down], 1, all, few)).toMatchObject({
      opened: [{ type: 'gateway_down' }],
      resolved: [],
    });
    expect(await record(serverId, many.slice(0, 5), 2, all, few)).toMatchObject({
      opened: [],
      resolved: expect.arrayContaining([expect.objectContaining({ type: 'channel_down', subject: '' })]),
    });
  });

  test('a critical condition has room before the warnings', async () => {
    const serverId = await newServer();
    const warnings = Array.from({ length: 5 }, (_, index) => ({
      ...channel(`c${index}/default`),
      severity: 'warning' as const,
    }));
    const update = {
      ...{ ...down, type: 'update_failed' as const },
      ...{ subject: 'openclaw', severity: 'critical' as const },
    };
    const { opened } = await record(serverId, [...warnings, update], 0, all, { maxOpen: 3 });
    expect(opened.map(({ type, severity }) => `${severity} ${type}`)).toEqual([
      ...['warning channel_down', 'critical update_failed', 'warning channel_down', 'warning channel_down'],
    ]);
  });

  test('keeps the newest resolved alerts of a server whose conditions differ each time', async () => {
    const serverId = await newServer();
    for (let minute = 0; minute < 8; minute += 1)
      await record(serverId, [channel(`c${minute}/default`)], minute, all, { maxResolved: 3 });
    const { alerts } = await store.list(
      { serverIds: [serverId], serverId, status: undefined, unreadBy: undefined },
      'ada',
      { limit: 50 },
    );
    expect(alerts.map(({ subject }) => subject)).toEqual([
      ...['c7/default', 'c6/default', 'c5/default', 'c4/default'],
    ]);
  });

  test('each person has their own read mark, and the first read sets its time', async () => {
    const { id } = await opened(await newServer());
    await store.markRead(id, { userId: 'ada', now: at(1) });
    await store.markRead(id, { userId: 'ada', now: at(2) });
    expect([await store.readAt(id, 'ada'), await store.readAt(id, 'bob')]).toEqual([at(1), null]);
    expect(await store.markRead('alr_gone', { userId: 'ada', now: at(1) })).toBe(false);
  });

  test('acknowledging and snoozing replace each other and mark the alert read; a resolved alert takes neither', async () => {
    const serverId = await newServer();
    const { id } = await opened(serverId);
    const by = { userId: 'ada', now: at(1) };
    expect(await store.acknowledge(id, by)).toBe(true);
    expect(await store.find(id)).toMatchObject({ acknowledgedAt: at(1), acknowledgedBy: 'ada' });
    expect(await store.snooze(id, at(9), { userId: 'bob', now: at(2) })).toBe(true);
    expect(await store.find(id)).toMatchObject({
      ...{ acknowledgedAt: null, acknowledgedBy: null, snoozedUntil: at(9) },
    });
    await store.acknowledge(id, { ...by, now: at(3) });
    expect(await store.find(id)).toMatchObject({ acknowledgedAt: at(3), snoozedUntil: null });
    expect([await store.readAt(id, 'ada'), await store.readAt(id, 'bob')]).toEqual([at(1), at(2)]);
    await record(serverId, [], 4);
    expect([await store.acknowledge(id, by), await store.snooze(id, at(9), by)]).toEqual([false, false]);
  });

  test('a check of the most alerts updates each with its own text, and counts them all', async () => {
    const serverId = await newServer();
    const conditions = (word: string) =>
      Array.from({ length: 200 }, (_, index) => ({
        ...channel(`c${index}`),
        severity: index % 3 === 0 ? ('critical' as const) : ('warning' as const),
        cause: `${word} ${index % 2 === 0 ? index : 'always'}`,
      }));
    const first = await record(serverId, conditions('before'), 0);
    expect(first.opened).toHaveLength(200);
    const fresh = conditions('after').reverse();
    expect(await record(serverId, fresh, 5)).toEqual({ opened: [], resolved: [] });
    const stored = await store.open(serverId);
    expect(stored).toHaveLength(200);
    for (const condition of fresh)
      expect(stored.find(({ subject }) => subject === condition.subject)).toMatchObject({
        ...condition,
        ...{ firstAt: at(0), lastAt: at(5), count: 2 },
      });
  });

  test('the open alerts of a server come with the read mark of one person', async () => {
    const serverId = await newServer();
    const one = await opened(serverId, channel('one'), 0);
    const two = await opened(serverId, channel('two'), 1);
    const elsewhere = await opened(await newServer(), channel('one'), 1);
    for (const { id } of [one, elsewhere]) await store.markRead(id, { userId: 'ada', now: at(2) });
    await store.markRead(two.id, { userId: 'bob', now: at(3) });
    expect(await store.openReadBy(serverId, 'ada')).toEqual([
      { ...two, readAt: null },
      { ...one, readAt: at(2) },
    ]);
  });

  test('an alert that becomes critical is to be announced again', async () => {
    const serverId = await newServer();
    const { id } = await opened(serverId, disk);
    await store.acknowledge(id, { userId: 'ada', now: at(1) });
    await record(serverId, [disk], 2);
    expect(await store.find(id)).toMatchObject({ acknowledgedAt: at(1), count: 2 });
    await record(serverId, [{ ...disk, severity: 'critical' }], 3);
    expect(await store.find(id)).toMatchObject({ severity: 'critical', acknowledgedAt: null, count: 3 });
    expect(await store.readAt(id, 'ada')).toBeNull();
  });

  describe('the list', () => {
    let servers: string[];
    let expected: string[];
    beforeAll(async () => {
      servers = [await newServer(), await newServer()];
      const rows: AlertRow[] = [];
      // Some of the same moment, some resolved.
      for (let index = 0; index < 24; index += 1) {
        const serverId = servers[index % 2]!;
        const row = await opened(serverId, channel(`c/${index}`), Math.floor(index / 3));
        if (index % 4 === 0)
          await store.record(
            serverId,
            observedOf([], ({ id }) => id === row.id),
            at(30),
          );
        rows.push((await store.find(row.id)) ?? expect.unreachable());
      }
      const rank = ({ resolvedAt }: AlertRow) => (resolvedAt === null ? 0 : 1);
      expected = rows
        .toSorted((a, b) => rank(a) - rank(b) || b.firstAt.localeCompare(a.firstAt) || (a.id < b.id ? 1 : -1))
        .map(({ id }) => id);
    });
    const page = (limit: number, cursor?: string, filter: object = {}) =>
      store.list({ serverIds: servers, ...filter }, 'ada', { limit, cursor });
    const walk = async (limit: number, between: (seen: number) => Promise<unknown> = async () => {}) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const { alerts, nextCursor } = await page(limit, cursor);
        ids.push(...alerts.map(({ id }) => id));
        await between(ids.length);
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    };

    test('sorts open alerts first, then newest first, and pages without gaps', async () => {
      const { alerts } = await page(200);
      const order = alerts.map(({ resolvedAt, firstAt }) => `${resolvedAt === null ? 0 : 1} ${firstAt}`);
      expect(order.filter((one) => one.startsWith('0'))).toHaveLength(18);
      const ids = alerts.map(({ id }) => id);
      // Ties on the timestamp are ordered by id (database collation).
      expect(ids.toSorted()).toEqual(expected.toSorted());
      for (const limit of [1, 5, 7, 24]) expect(await walk(limit)).toEqual(ids);
    });

    test('shows only alerts of visible servers, and none without a visible server', async () => {
      const one = await page(200, undefined, { serverIds: [servers[0]] });
      expect(new Set(one.alerts.map(({ serverId }) => serverId))).toEqual(new Set([servers[0]]));
      expect((await page(200, undefined, { serverIds: [] })).alerts).toEqual([]);
      const other = await page(200, undefined, { serverIds: [servers[0]], serverId: servers[1] });
      expect(other.alerts).toEqual([]);
    });

    test('skips no alert when one is resolved between two pages', async () => {
      const seen = await walk(5, async (count) => {
        if (count !== 5) return;
        const rows = await store.open(servers[0]!);
        await store.record(
          servers[0]!,
          observedOf([], ({ id }) => id === rows.at(-1)?.id),
          at(31),
        );
      });
      expect(new Set(seen)).toEqual(new Set(expected));
    });

    test('refuses a cursor that Buoy did not issue', async () => {
      for (const cursor of ['x', Buffer.from('[2,"2026-03-01T10:00:00.000Z","a"]').toString('base64url')])
        await expect(page(5, cursor)).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });

  test('lists and counts the alerts of many servers, whether they have none, few or many', async () => {
    const servers = await Promise.all(Array.from({ length: 30 }, newServer));
    const ids: string[] = [];
    for (const [index, serverId] of servers.entries()) {
      const count = index % 3 === 0 ? 0 : index % 3 === 1 ? 2 : 150;
      const conditions = Array.from({ length: count }, (_, number) => channel(`c/${number}`));
      ids.push(...(await record(serverId, conditions, index)).opened.map(({ id }) => id));
    }
    const listed: string[] = [];
    let newest = at(59);
    for (let cursor: string | undefined; listed.length < ids.length; ) {
      const { alerts, nextCursor } = await store.list({ serverIds: servers }, 'ada', { limit: 200, cursor });
      for (const { id, firstAt } of alerts) {
        expect(firstAt <= newest).toBe(true);
        newest = firstAt;
        listed.push(id);
      }
      cursor = nextCursor ?? undefined;
      if (cursor === undefined) break;
    }
    expect(listed.toSorted()).toEqual(ids.toSorted());
    expect(await store.countUnread(servers, 'ada')).toBe(ids.length);
  });

  test('filters by the current status and by unread', async () => {
    const serverId = await newServer();
    const [firing, acknowledged, snoozed, awake, resolved] = [
      await opened(serverId, channel('firing')),
      await opened(serverId, channel('acknowledged')),
      await opened(serverId, channel('snoozed')),
      await opened(serverId, channel('awake')),
      await opened(serverId, channel('resolved')),
    ];
    const by = { userId: 'ada', now: at(1) };
    await store.acknowledge(acknowledged.id, by);
    await store.snooze(snoozed.id, at(30), by);
    await store.snooze(awake.id, at(10), by);
    await store.record(
      serverId,
      observedOf([], ({ id }) => id === resolved.id),
      at(2),
    );
    const subjects = async (filter: object) => {
      const { alerts } = await store.list({ serverIds: null, serverId, ...filter }, 'ada', { limit: 50 });
      return alerts.map(({ subject }) => subject).sort();
    };
    const status = (is: string) => subjects({ status: { is, now: at(10) } });
    expect(await status('firing')).toEqual(['awake', 'firing']);
    expect(await status('acknowledged')).toEqual(['acknowledged']);
    expect(await status('snoozed')).toEqual(['snoozed']);
    expect(await status('resolved')).toEqual(['resolved']);
    expect(await subjects({ unreadBy: 'ada' })).toEqual(['firing', 'resolved']);
    expect(await subjects({ unreadBy: 'bob' })).toHaveLength(5);
    expect([await store.countUnread([serverId], 'ada'), await store.countUnread([serverId], 'bob')]).toEqual([
      1, 4,
    ]);
    const { alerts } = await store.list({ serverIds: null, serverId }, 'ada', { limit: 50 });
    expect(alerts.find(({ id }) => id === snoozed.id)?.readAt).toBe(at(1));
    expect(alerts.find(({ id }) => id === firing.id)?.readAt).toBeNull();
  });

  test('retention deletes the oldest resolved alerts in batches and keeps open ones of any age', async () => {
    const fresh = await open();
    try {
      const own = createAlertStore(fresh.db);
      const serverId = newId('srv');
      await createServerStore(fresh.db).insert(serverRow(serverId));
      for (let index = 0; index < 5; index += 1)
        await own.record(serverId, observedOf([channel(`c/${index}`), down], all), at(index));
      expect(await own.countOpen()).toEqual([{ severity: 'critical', count: 2 }]);
      // Resolved at minutes 1 to 4.
      expect(await own.removeResolved(at(4), 2)).toBe(2);
      expect(await own.removeResolved(at(4), 2)).toBe(1);
      expect(await own.removeResolved(at(4), 2)).toBe(0);
      const { alerts } = await own.list({ serverIds: null }, 'ada', { limit: 50 });
      expect(alerts.map(({ resolvedAt }) => resolvedAt)).toEqual([null, null, at(4)]);
    } finally {
      await fresh.close();
    }
  });
});
