// Rollouts from the plan to the report: waves, failures, pauses, and a Buoy that ends in the middle.
import type { Rollout } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { makeTestFolder, type TestFolder } from '../tasks/testing/test-tasks.ts';
import { callerOf, noAudit, openRollouts } from './testing/rollout-fixture.ts';

let folder: TestFolder;
let opened: Awaited<ReturnType<typeof openRollouts>>[];
beforeEach(() => {
  folder = makeTestFolder();
  opened = [];
});
afterEach(async () => {
  for (const one of opened) await one.close();
  folder.remove();
});
const open = async (options: Parameters<typeof openRollouts>[1] = {}) => {
  const one = await openRollouts(folder, options);
  opened.push(one);
  return one;
};

const fleet = ['ada', 'bob', 'cyd', 'dan', 'eve'];
const statuses = ({ waves }: Rollout) =>
  Object.fromEntries(waves.flat().map(({ name, status }) => [name, status]));
const is = (status: Rollout['status']) => (rollout: Rollout) => rollout.status === status;
const ofServer = ({ waves }: Rollout, name: string) =>
  waves.flat().find((server) => server.name === name) ?? expect.unreachable();

describe('a rollout', () => {
  test('updates all servers, the canary first, and succeeds', async () => {
    const { create, addServers, rolloutWhen, begun } = await open();
    await addServers(fleet);
    const { id } = await create({ waveSize: 2 });
    const rollout = await rolloutWhen(id, is('succeeded'));
    expect(rollout).toMatchObject({ version: '2.0.0', createdBy: 'ada', nextWaveAt: null });
    expect(rollout.finishedAt).not.toBeNull();
    expect(rollout.waves.map((wave) => wave.map(({ name }) => name))).toEqual([
      ['ada'],
      ['bob', 'cyd'],
      ['dan', 'eve'],
    ]);
    expect(Object.values(statuses(rollout))).toEqual(Array(5).fill('updated'));
    expect(begun[0]).toBe('ada');
    expect(begun.slice(1, 3).toSorted()).toEqual(['bob', 'cyd']);
  });

  test('stops at the third of five that fails, leaves the rest untouched, and finishes when resumed', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts } = await open();
    await addServers(fleet);
    endings.set('cyd', 'rolls back');
    const { id } = await create({ waveSize: 1 });
    const stopped = await rolloutWhen(id, is('stopped'));
    expect(statuses(stopped)).toEqual({
      ...{ ada: 'updated', bob: 'updated', cyd: 'rolled_back', dan: 'pending', eve: 'pending' },
    });
    expect(ofServer(stopped, 'cyd').error?.message).toMatch(/^It does not start\./);
    expect(begun).toEqual(['ada', 'bob', 'cyd']);

    endings.delete('cyd');
    await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    const done = await rolloutWhen(id, is('succeeded'));
    expect(Object.values(statuses(done))).toEqual(Array(5).fill('updated'));
    expect(ofServer(done, 'cyd').error).toBeNull();
    expect(begun).toEqual(['ada', 'bob', 'cyd', 'cyd', 'dan', 'eve']);
  });

  test('begins no update that waits for its place once it is cancelled', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release } = await open({ slots: 12 });
    const many = Array.from({ length: 12 }, (_, index) => `server ${index}`);
    await addServers(many);
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 12 });
    await rolloutWhen(id, () => begun.length === 8);
    await rollouts.cancel(callerOf(), id, noAudit);
    const countOf = (rollout: Rollout, status: string) =>
      Object.values(statuses(rollout)).filter((one) => one === status).length;
    const cancelled = await rolloutWhen(id, (rollout) => countOf(rollout, 'skipped') === 4);
    expect(countOf(cancelled, 'running')).toBe(8);
    expect(cancelled.waves.flat().find(({ status }) => status === 'skipped')?.error).toMatchObject({
      message: 'The rollout was cancelled before this server.',
    });
    release();
    await rolloutWhen(id, (rollout) => countOf(rollout, 'updated') === 8);
    expect(begun).toHaveLength(8);
  });

  test('begins no update that waits for its place once another has failed, and begins it when resumed', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release, tasks, audited } = await open(
      {
        slots: 10,
      },
    );
    const many = Array.from({ length: 10 }, (_, index) => `server ${index}`);
    await addServers(many);
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 10 });
    const full = await rolloutWhen(
      id,
      (rollout) => begun.length === 8 && Object.values(statuses(rollout)).every((one) => one === 'running'),
    );
    const notBegun = many.filter((name) => !begun.includes(name));
    expect(notBegun).toHaveLength(2);
    endings.set('server 3', 'refuses');
    // Its slot is free at once, for the first of those that wait.
    release(['server 3']);
    const stopped = await rolloutWhen(
      id,
      (rollout) =>
        rollout.status === 'stopped' &&
        notBegun.every((name) => ofServer(rollout, name).status === 'pending'),
    );
    expect(stopped.finishedAt).toBeNull();
    expect(ofServer(stopped, 'server 3').status).toBe('failed');
    expect(begun).toHaveLength(8);
    for (const name of notBegun) {
      expect(ofServer(stopped, name)).toMatchObject({ taskId: null, to: '2.0.0', error: null });
      expect((await tasks.ended(ofServer(full, name).taskId ?? '')).status).toBe('cancelled');
      expect(audited.filter((entry) => entry.endsWith(`: ${name}`))).toEqual([
        `update-component: ${name}`,
        `update-component withdrawn: ${name}`,
      ]);
    }
    endings.clear();
    release();
    await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    const done = await rolloutWhen(id, is('succeeded'));
    expect(Object.values(statuses(done))).toEqual(Array(10).fill('updated'));
  });

  test('begins no update that waits for its place once it is paused, also when a place comes free at once', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release } = await open({ slots: 9 });
    const many = Array.from({ length: 9 }, (_, index) => `server ${index}`);
    await addServers(many);
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 9 });
    await rolloutWhen(
      id,
      (rollout) => begun.length === 8 && Object.values(statuses(rollout)).every((one) => one === 'running'),
    );
    await rollouts.pause(callerOf(), id, noAudit);
    release();
    const paused = await rolloutWhen(id, (rollout) => ofServer(rollout, 'server 8').status === 'pending');
    expect(paused.status).toBe('paused');
    expect(begun).toHaveLength(8);
    endings.clear();
    await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    await rolloutWhen(id, is('succeeded'));
    expect(begun).toHaveLength(9);
  });

  test('stores no task for an update that cannot begin yet, however often it is paused and resumed', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release, tasks, audited } =
      await open();
    const many = Array.from({ length: 20 }, (_, index) => `server ${index}`);
    await addServers(many);
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 20 });
    await rolloutWhen(id, () => begun.length === 8);
    for (let times = 0; times < 10; times += 1) {
      await rollouts.pause(callerOf(), id, noAudit);
      await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    }
    expect((await tasks.tasks.list({ serverIds: null, limit: 50 })).tasks).toHaveLength(8);
    endings.clear();
    release();
    await rolloutWhen(id, is('succeeded'));
    expect((await tasks.tasks.list({ serverIds: null, limit: 50 })).tasks).toHaveLength(20);
    expect(audited).toHaveLength(20);
  });

  test('starts an update only when its person has a slot for it, whatever else they have started', async () => {
    const { create, addServers, rolloutWhen, begun, endings, release, tasks } = await open();
    const serverIds = await addServers(['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal', 'ivy']);
    for (const name of ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']) endings.set(name, 'waits');
    const input = { component: 'openclaw', version: '1.5.0', whenBusy: 'wait' };
    for (const serverId of serverIds.slice(0, 8))
      await tasks.tasks.start('update-component', { serverId, input, createdBy: 'ada' });
    const { id } = await create({ serverIds: serverIds.slice(8) });
    await rolloutWhen(id, () => begun.length === 8);
    expect((await rolloutWhen(id, is('running'))).waves).toMatchObject([
      [{ name: 'ivy', status: 'pending', taskId: null }],
    ]);
    release(['cyd']);
    await rolloutWhen(id, is('succeeded'));
    expect(begun.at(-1)).toBe('ivy');
  });

  test('stops at a server whose update is refused as it starts, with the words of the refusal', async () => {
    const { create, addServers, rolloutWhen, begun, newest } = await open();
    await addServers(['ada', 'bob']);
    newest.version = 'of today';
    const { id } = await create({ canary: 0, waveSize: 2 });
    const stopped = await rolloutWhen(id, is('stopped'));
    expect(statuses(stopped)).toEqual({ ada: 'failed', bob: 'pending' });
    expect(ofServer(stopped, 'ada')).toMatchObject({ taskId: null, error: { code: 'invalid_request' } });
    expect(begun).toEqual([]);
  });

  test('resumes without the server that failed when asked to', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts } = await open();
    await addServers(fleet);
    endings.set('ada', 'refuses');
    const { id } = await create({});
    const stopped = await rolloutWhen(id, is('stopped'));
    expect(ofServer(stopped, 'ada')).toMatchObject({
      status: 'failed',
      error: { code: 'disk_full', message: 'The disk is full.', hint: 'Free some.' },
    });
    await rollouts.resume(callerOf(), id, { skipFailed: true }, noAudit);
    const done = await rolloutWhen(id, is('succeeded'));
    expect(statuses(done)).toMatchObject({ ada: 'skipped', bob: 'updated', eve: 'updated' });
    expect(ofServer(done, 'ada').error?.code).toBe('disk_full');
    expect(begun.filter((name) => name === 'ada')).toHaveLength(1);
  });

  test('waits between two waves, and says until when', async () => {
    const clock = createFakeClock();
    const { create, addServers, rolloutWhen, begun } = await open({ clock });
    await addServers(['ada', 'bob']);
    const { id } = await create({ pauseS: 60 });
    const waiting = await rolloutWhen(id, (rollout) => {
      clock.pass(2_000);
      return rollout.nextWaveAt !== null;
    });
    expect(begun).toEqual(['ada']);
    const dueAt = Date.parse(waiting.nextWaveAt ?? '');
    expect(dueAt - clock.now()).toBeGreaterThan(30_000);
    clock.pass(dueAt - clock.now() - 1_000);
    expect(begun).toEqual(['ada']);
    await rolloutWhen(id, (rollout) => {
      clock.pass(2_000);
      return rollout.status === 'succeeded';
    });
    expect(begun).toEqual(['ada', 'bob']);
  });

  test('starts nothing while it is paused, and stores how the running updates ended', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release } = await open();
    await addServers(['ada', 'bob']);
    endings.set('ada', 'waits');
    const { id } = await create({});
    await rolloutWhen(id, () => begun.length === 1);
    await rollouts.pause(callerOf(), id, noAudit);
    release();
    const paused = await rolloutWhen(id, (rollout) => ofServer(rollout, 'ada').status === 'updated');
    expect(paused.status).toBe('paused');
    expect(statuses(paused)).toEqual({ ada: 'updated', bob: 'pending' });
    await expect(rollouts.pause(callerOf(), id, noAudit)).rejects.toMatchObject({ code: 'conflict' });
    await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    await rolloutWhen(id, is('succeeded'));
    expect(begun).toEqual(['ada', 'bob']);
  });

  test('starts nothing more once it is cancelled, and cannot be resumed', async () => {
    const { create, addServers, rolloutWhen, begun, endings, rollouts, release } = await open();
    await addServers(['ada', 'bob']);
    endings.set('ada', 'waits');
    const { id } = await create({});
    await rolloutWhen(id, () => begun.length === 1);
    const cancelled = await rollouts.cancel(callerOf(), id, noAudit);
    expect(cancelled.status).toBe('cancelled');
    expect(ofServer(cancelled, 'bob')).toMatchObject({ status: 'skipped', error: { code: 'cancelled' } });
    release();
    await rolloutWhen(id, (rollout) => ofServer(rollout, 'ada').status === 'updated');
    for (const call of [
      rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit),
      rollouts.cancel(callerOf(), id, noAudit),
    ])
      await expect(call).rejects.toMatchObject({ code: 'conflict' });
    expect(begun).toEqual(['ada']);
  });

  test('goes on where it was after Buoy was restarted, and updates no server twice', async () => {
    const first = await open();
    await first.addServers(fleet);
    first.endings.set('bob', 'waits');
    const { id } = await first.create({ waveSize: 1 });
    await first.rolloutWhen(id, () => first.begun.includes('bob'));
    await opened.pop()?.close();
    first.endings.delete('bob');

    const second = await open({ earlier: first });
    const done = await second.rolloutWhen(id, is('succeeded'));
    expect(Object.values(statuses(done))).toEqual(Array(5).fill('updated'));
    // The step that was cut short is called again by the task engine; no other update begins anew.
    expect([...first.begun, ...second.begun]).toEqual(['ada', 'bob', 'bob', 'cyd', 'dan', 'eve']);
    const { tasks } = await second.tasks.tasks.list({ serverIds: null, limit: 50 });
    expect(tasks).toHaveLength(5);
  });

  test('waits for a server on which another task is at work', async () => {
    const { create, addServers, rolloutWhen, endings, release, tasks } = await open();
    const [serverId = ''] = await addServers(['ada']);
    endings.set('ada', 'waits');
    const input = { component: 'openclaw', version: '1.5.0', whenBusy: 'wait' };
    const { id: other } = await tasks.tasks.start('update-component', { serverId, input, createdBy: 'bob' });
    const { id } = await create({});
    expect((await rolloutWhen(id, is('running'))).waves[0]).toMatchObject([
      { status: 'pending', taskId: null },
    ]);
    endings.delete('ada');
    release();
    await tasks.ended(other);
    await rolloutWhen(id, is('succeeded'));
  });

  test('stops when its person may no longer update a server', async () => {
    const { create, addServers, rolloutWhen, begun, barred } = await open();
    await addServers(['ada', 'bob']);
    barred.add('ada');
    const { id } = await create({});
    const stopped = await rolloutWhen(id, is('stopped'));
    expect(ofServer(stopped, 'ada')).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(begun).toEqual([]);
  });

  test('skips a server that was removed before its turn', async () => {
    const { create, addServers, rolloutWhen, endings, removeServer, release, begun } = await open();
    await addServers(['ada', 'bob', 'cyd']);
    endings.set('ada', 'waits');
    const { id } = await create({});
    await rolloutWhen(id, () => begun.length === 1);
    await removeServer('bob');
    release();
    const done = await rolloutWhen(id, is('succeeded'));
    expect(ofServer(done, 'bob')).toMatchObject({ status: 'skipped', error: { code: 'not_found' } });
    expect(ofServer(done, 'cyd').status).toBe('updated');
  });

  test('is stopped with the rights of its person, and continues for nobody', async () => {
    const { create, addServers, rolloutWhen, endings, rollouts, release, begun } = await open();
    await addServers(['ada', 'bob']);
    endings.set('ada', 'waits');
    const { id } = await create({});
    await rolloutWhen(id, () => begun.length === 1);
    await rollouts.stopOf('ada');
    release();
    const stopped = await rolloutWhen(id, (rollout) => ofServer(rollout, 'ada').status === 'updated');
    expect(stopped.status).toBe('stopped');
    expect(begun).toEqual(['ada']);
  });
});

describe('the plan of a rollout', () => {
  test('is shown by a dry run, which keeps nothing', async () => {
    const { create, addServers, rollouts, begun } = await open();
    await addServers(['ada', 'bob']);
    const planned = await create({ dryRun: true });
    expect(planned).toMatchObject({ id: null, status: 'planned', version: '2.0.0', nextWaveAt: null });
    expect(planned.waves).toMatchObject([
      [{ name: 'ada', from: '1.0.0', to: '2.0.0', status: 'pending', taskId: null }],
      [{ name: 'bob' }],
    ]);
    expect((await rollouts.list(callerOf(), { limit: 10 })).rollouts).toEqual([]);
    expect(begun).toEqual([]);
  });

  test('takes the servers that are named, each once', async () => {
    const { create, addServers } = await open();
    const [ada = '', bob = ''] = await addServers(['ada', 'bob', 'cyd']);
    const { waves } = await create({ serverIds: [bob, ada, bob], dryRun: true, canary: 0 });
    expect(waves).toMatchObject([[{ name: 'ada' }, { name: 'bob' }]]);
  });

  test('is refused for unknown servers, for others than admins, and where no server has the tag', async () => {
    const { create, addServers } = await open();
    const serverIds = await addServers(['ada'], { role: 'viewer' });
    await expect(create({ serverIds: ['srv_unknown'] })).rejects.toMatchObject({ status: 404 });
    await expect(create({ serverIds })).rejects.toMatchObject({
      status: 403,
      message: 'You are no admin of ada.',
    });
    await expect(create({ tag: 'empty' })).rejects.toMatchObject({ status: 400 });
  });

  test('leaves out by a tag what others share or gave, which is taken by its id', async () => {
    const { create, addServers } = await open();
    await addServers(['ada']);
    const shared = await addServers(['bob'], { owner: { id: 'bob', name: 'Bob', givenBy: null } });
    const given = await addServers(['cyd'], { owner: { id: 'ada', name: 'Ada', givenBy: 'bob' } });
    expect((await create({ dryRun: true })).waves).toMatchObject([[{ name: 'ada' }]]);
    const byId = await create({ dryRun: true, serverIds: [...shared, ...given], canary: 0 });
    expect(byId.waves).toMatchObject([[{ name: 'bob' }, { name: 'cyd' }]]);
  });

  test('is refused while the newest version is not known, unless one is named', async () => {
    const { create, addServers, newest } = await open();
    await addServers(['ada']);
    newest.version = null;
    await expect(create({ dryRun: true })).rejects.toMatchObject({ code: 'registry_failed' });
    expect(await create({ dryRun: true, version: '1.9.0' })).toMatchObject({ version: '1.9.0' });
  });
});

describe('rollouts of others', () => {
  test('are there for super-admins alone', async () => {
    const { create, addServers, rollouts } = await open();
    await addServers(['ada'], { openclaw: { installed: true, version: '2.0.0' } });
    const { id } = await create({});
    const bob = callerOf({ id: 'bob' });
    const root = callerOf({ id: 'root', isSuperAdmin: true });
    for (const call of [
      rollouts.find(bob, id),
      rollouts.pause(bob, id, noAudit),
      rollouts.resume(bob, id, { skipFailed: true }, noAudit),
      rollouts.cancel(bob, id, noAudit),
    ])
      await expect(call).rejects.toMatchObject({ status: 404 });
    expect((await rollouts.list(bob, { limit: 10 })).rollouts).toEqual([]);
    expect(await rollouts.find(root, id)).toMatchObject({ id });
    expect((await rollouts.list(root, { limit: 10 })).rollouts).toMatchObject([{ id }]);
  });
});
