// Rollouts in both databases: bounds for one person, pages, and changes by several Buoys at once.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { createTasksStore } from '../tasks/tasks.store.ts';
import type { PlannedServer } from './plan.ts';
import { createRolloutStore, type RolloutStore } from './rollouts.store.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const limits = { maxOpen: 2, maxEnded: 3, full: () => new Error('full') };
const reason = { code: 'cancelled', message: 'Enough.', hint: null };
const ifCancelled = { status: 'skipped', from: null, error: reason, finishedAt: at(9) } as const;

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
  const start = (rolloutId: string, serverId: string, taskId: string, to = '2.0.0') =>
    database.db.transaction().execute((trx) => store.started(trx, { rolloutId, serverId, taskId, to }));
  const addTask = async (id: string, serverId: string): Promise<void> => {
    await database.db.insertInto('servers').values(serverRow(serverId)).execute();
    await createTasksStore(database).create({
      ...{ id, type: 'update-component', serverId, exclusive: true, input: {}, secrets: null },
      ...{ createdBy: 'ada', createdAt: at(1), steps: [{ id: 'preflight', title: 'Check' }] },
    });
  };

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

  test('withdraws an update into a wait, or into the end of a rollout that was cancelled meanwhile', async () => {
    for (const id of ['rol_1', 'rol_2']) {
      await insert(id, 1);
      await start(id, 'srv_1', `tsk_${id}`);
      await store.changeStatus(id, { from: ['running'], to: 'paused' });
    }
    await store.cancel('rol_2', { at: at(2), reason });
    for (const rolloutId of ['rol_1', 'rol_2'])
      await store.withdraw({ rolloutId, taskIds: [`tsk_${rolloutId}`], ifCancelled });
    expect((await store.find('rol_1'))?.servers).toMatchObject([{ status: 'pending', taskId: null }]);
    expect((await store.find('rol_2'))?.servers).toMatchObject([
      { status: 'skipped', error: JSON.stringify(reason), finishedAt: at(9) },
    ]);
  });

  test('leaves no server waiting where an update is withdrawn and its rollout cancelled at the same time', async () => {
    for (let times = 0; times < 10; times += 1) {
      const rolloutId = `rol_${times}`;
      await insert(rolloutId, times, ['srv_1', 'srv_2']);
      await start(rolloutId, 'srv_1', 'tsk_1');
      await store.changeStatus(rolloutId, { from: ['running'], to: 'paused' });
      await Promise.all([
        store.withdraw({ rolloutId, taskIds: ['tsk_1'], ifCancelled }),
        store.cancel(rolloutId, { at: at(2), reason }),
      ]);
      const { servers } = (await store.find(rolloutId)) ?? expect.unreachable();
      expect(servers).toMatchObject([{ status: 'skipped' }, { status: 'skipped' }]);
    }
  });

  test('runs nothing beside a withdrawal that came too late', async () => {
    await insert('rol_1', 1);
    await start('rol_1', 'srv_1', 'tsk_1');
    let runs = 0;
    const also = async () => {
      runs += 1;
    };
    for (const taskId of ['tsk_2', 'tsk_1', 'tsk_1'])
      await store.withdraw({ rolloutId: 'rol_1', taskIds: [taskId], ifCancelled }, also);
    expect(runs).toBe(1);
  });

  test('goes back to the planned version once an update to a later pin was withdrawn or has failed', async () => {
    const toVersion = async () => (await store.find('rol_1'))?.servers[0]?.toVersion;
    await insert('rol_1', 1);
    await start('rol_1', 'srv_1', 'tsk_1', '1.5.0');
    expect([await toVersion(), (await store.updateOf('tsk_1'))?.planned]).toEqual(['1.5.0', '2.0.0']);
    await store.withdraw({ rolloutId: 'rol_1', taskIds: ['tsk_1'], ifCancelled });
    expect(await toVersion()).toBe('2.0.0');

    await start('rol_1', 'srv_1', 'tsk_2', '1.6.0');
    const [server] = await store.endedUpdates('rol_1');
    const failed = { status: 'failed', from: null, to: '1.7.0', error: reason, finishedAt: at(2) } as const;
    await store.ended(server!, failed);
    expect(await toVersion()).toBe('1.7.0');
    await store.changeStatus('rol_1', { from: ['running'], to: 'stopped' });
    await store.resume('rol_1', { skipFailed: false });
    expect(await toVersion()).toBe('2.0.0');
  });

  test('starts no server once the task of another has failed, also before that is stored in the rollout', async () => {
    await insert('rol_1', 1, ['srv_1', 'srv_2', 'srv_3']);
    const end = async (id: string, ended: { status: string; error: string | null }) => {
      await database.db.updateTable('tasks').set(ended).where('id', '=', id).execute();
    };
    const withdrawn = JSON.stringify({ code: 'withdrawn', message: 'Not now.', hint: null });
    await addTask('tsk_1', 'srv_1');
    await start('rol_1', 'srv_1', 'tsk_1');
    await addTask('tsk_2', 'srv_2');
    expect(await start('rol_1', 'srv_2', 'tsk_2')).toBe(true);
    await end('tsk_1', { status: 'cancelled', error: withdrawn });
    expect(await store.updateOf('tsk_2')).toEqual({
      ...{ status: 'running', wanted: 'latest', planned: '2.0.0', hasFailure: false },
    });
    await end('tsk_1', { status: 'failed', error: JSON.stringify(reason) });
    expect((await store.updateOf('tsk_2'))?.hasFailure).toBe(true);
    expect(await start('rol_1', 'srv_3', 'tsk_3')).toBe(false);
    expect(await store.updateOf('tsk_3')).toBeNull();
    expect((await store.queuedUpdates('rol_1')).map(({ taskId }) => taskId)).toEqual(['tsk_2']);
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
