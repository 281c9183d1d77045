// Rollouts in both databases: bounds for one person, pages, and changes by several Buoys at once.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import type { PlannedServer } from './plan.ts';
import { createRolloutStore, type RolloutStore } from './rollouts.store.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const limits = { maxOpen: 2, maxEnded: 3, full: () => new Error('full') };
const reason = { code: 'cancelled', message: 'Enough.', hint: null };

describe.each(testDatabases())('rollouts on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: RolloutStore;
  beforeEach(async () => {
    database = await open();
    store = createRolloutStore(database);
  });
  afterEach(() => database.close());

  const planned = (serverId: string): PlannedServer => ({
    ...{ serverId, name: serverId, from: '1.0.0', to: '2.0.0', status: 'pending', error: null },
  });
  const insert = (id: string, minute: number, servers: readonly string[] = ['srv_1'], createdBy = 'ada') =>
    store.insert(
      {
        ...{ id, component: 'openclaw', version: '2.0.0', wanted: 'latest', status: 'running', pauseS: 60 },
        ...{ createdBy, createdAt: at(minute), finishedAt: null },
      },
      servers.map((serverId) => [planned(serverId)]),
      limits,
    );
  const start = (rolloutId: string, serverId: string, taskId: string) =>
    database.db
      .transaction()
      .execute((trx) => store.started(trx, { rolloutId, serverId, taskId, to: '2.0.0' }));

  test('refuses one more than a person may have open, also at the same time', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((minute) => insert(`rol_${minute}`, minute)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await insert('rol_bob', 5, ['srv_1'], 'bob');
    expect((await store.list('ada', { limit: 10 })).rollouts).toHaveLength(2);
    expect((await store.list(null, { limit: 10 })).rollouts).toHaveLength(3);
  });

  test('keeps the newest of those that have ended', async () => {
    for (let minute = 1; minute <= 6; minute += 1) {
      await insert(`rol_${minute}`, minute);
      await store.cancel(`rol_${minute}`, { at: at(minute), reason });
    }
    await insert('rol_7', 7);
    const { rollouts } = await store.list('ada', { limit: 10 });
    expect(rollouts.map(({ id }) => id)).toEqual(['rol_7', 'rol_6', 'rol_5', 'rol_4']);
    expect(await store.find('rol_1')).toBeNull();
  });

  test('lists pages, newest first, each once', async () => {
    for (const [minute, person] of ['ada', 'bob', 'cyd', 'dan', 'eve'].entries())
      await insert(`rol_${minute}`, minute, ['srv_1', 'srv_2'], person);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list(null, { limit: 2, cursor });
      ids.push(...page.rollouts.map(({ id }) => id));
      expect(page.rollouts.every(({ servers }) => servers.length === 2)).toBe(true);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(['rol_4', 'rol_3', 'rol_2', 'rol_1', 'rol_0']);
  });

  test('shortens a page of rollouts with many servers, and continues behind it', async () => {
    const many = Array.from({ length: 450 }, (_, index) => `srv_${index}`);
    for (const [minute, person] of ['ada', 'bob', 'cyd', 'dan'].entries())
      await insert(`rol_${minute}`, minute, many, person);
    const first = await store.list(null, { limit: 50 });
    expect(first.rollouts.map(({ id }) => id)).toEqual(['rol_3', 'rol_2']);
    const second = await store.list(null, { limit: 50, cursor: first.nextCursor ?? '' });
    expect(second.rollouts.map(({ id }) => id)).toEqual(['rol_1', 'rol_0']);
    expect(second.nextCursor).toBeNull();
  });

  test('starts a server once, however many Buoys try', async () => {
    await insert('rol_1', 1);
    const started = await Promise.all(
      ['tsk_1', 'tsk_2', 'tsk_3'].map((task) => start('rol_1', 'srv_1', task)),
    );
    expect(started.filter(Boolean)).toHaveLength(1);
    expect(await store.working()).toEqual([{ id: 'rol_1', createdBy: 'ada' }]);
  });

  test('starts no server of a rollout that is paused', async () => {
    await insert('rol_1', 1);
    expect(await store.changeStatus('rol_1', { from: ['running'], to: 'paused' })).toBe(true);
    expect(await store.changeStatus('rol_1', { from: ['running'], to: 'paused' })).toBe(false);
    expect(await start('rol_1', 'srv_1', 'tsk_1')).toBe(false);
    expect(await store.working()).toEqual([]);
  });

  test('stores no late end over an update that was started again', async () => {
    await insert('rol_1', 1);
    await start('rol_1', 'srv_1', 'tsk_1');
    const [late] = await store.endedUpdates('rol_1');
    expect(late).toMatchObject({ taskId: 'tsk_1', status: 'running' });
    const failed = { status: 'failed', from: null, error: reason, finishedAt: at(2) } as const;
    await store.ended(late!, failed);
    await store.changeStatus('rol_1', { from: ['running'], to: 'stopped' });
    expect(await store.resume('rol_1', { skipFailed: false })).toBe(true);
    await start('rol_1', 'srv_1', 'tsk_2');
    await store.ended(late!, failed);
    expect((await store.find('rol_1'))?.servers).toMatchObject([{ status: 'running', taskId: 'tsk_2' }]);
  });

  test('skips what has not begun of a rollout that is cancelled, and leaves what runs', async () => {
    await insert('rol_1', 1, ['srv_1', 'srv_2']);
    await start('rol_1', 'srv_1', 'tsk_1');
    expect(await store.cancel('rol_1', { at: at(2), reason })).toBe(true);
    expect(await store.cancel('rol_1', { at: at(3), reason })).toBe(false);
    expect(await store.resume('rol_1', { skipFailed: true })).toBe(false);
    expect(await store.find('rol_1')).toMatchObject({
      ...{ status: 'cancelled', finishedAt: at(2) },
      servers: [
        { status: 'running' },
        { status: 'skipped', error: JSON.stringify(reason), finishedAt: at(2) },
      ],
    });
    // Its running update is still followed.
    expect(await store.working()).toHaveLength(1);
  });
});
