// Rollouts of servers whose owner has pinned a version or given a time for updates.
import type { Rollout, WeeklyWindow } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { makeTestFolder, type TestFolder } from '../tasks/testing/test-tasks.ts';
import { callerOf, noAudit, openRollouts } from './testing/rollout-fixture.ts';

let folder: TestFolder;
let close: () => Promise<void>;
beforeEach(() => {
  folder = makeTestFolder();
  close = async () => {};
});
afterEach(async () => {
  await close();
  folder.remove();
});
/** The clock begins on Sunday, the first of March 2026, at 10:00 UTC, unless a test says otherwise. */
const open = async ({ startsAt, slots }: { startsAt?: string; slots?: number } = {}) => {
  const clock = startsAt === undefined ? createFakeClock() : createFakeClock(Date.parse(startsAt));
  const fixture = await openRollouts(folder, { clock, ...(slots === undefined ? {} : { slots }) });
  close = fixture.close;
  /** The rollout once `condition` holds, while the clock moves by two seconds a read. */
  const passUntil = (id: string, condition: (rollout: Rollout) => boolean) =>
    fixture.rolloutWhen(id, (rollout) => {
      if (condition(rollout)) return true;
      clock.pass(2_000);
      return false;
    });
  return { ...fixture, clock, passUntil };
};

const window = (start: string, end: string, days: WeeklyWindow['days'] = ['sun']): WeeklyWindow => ({
  ...{ days, start, end, timezone: 'UTC' },
});
const is = (status: Rollout['status']) => (rollout: Rollout) => rollout.status === status;
const targets = ({ waves }: Rollout) => Object.fromEntries(waves.flat().map(({ name, to }) => [name, to]));
const ofServer = ({ waves }: Rollout, name: string) =>
  waves.flat().find((server) => server.name === name) ?? expect.unreachable();
const pinned = { tags: ['fleet', 'prod'] };

describe('a rollout of the latest version', () => {
  test('updates each server to its own pin, and the others to the newest', async () => {
    const { create, addServers, setPolicy, passUntil } = await open();
    await addServers(['ada']);
    await addServers(['bob'], pinned);
    await setPolicy('prod', { pinned: '1.5.0' });
    const plan = await create({ dryRun: true });
    expect(plan.version).toBe('2.0.0');
    expect(targets(plan)).toEqual({ ada: '2.0.0', bob: '1.5.0' });
    const { id } = await create({});
    expect(targets(await passUntil(id, is('succeeded')))).toEqual({ ada: '2.0.0', bob: '1.5.0' });
  });

  test('has the newest pin as its version where all servers are pinned, also while the newest is not known', async () => {
    const { create, addServers, setPolicy, newest } = await open();
    await addServers(['ada'], { tags: ['fleet', 'old'] });
    await addServers(['bob'], pinned);
    await setPolicy('old', { pinned: '1.10.0' });
    await setPolicy('prod', { pinned: '1.9.0' });
    newest.version = null;
    expect((await create({ dryRun: true })).version).toBe('1.10.0');
  });

  test('skips a server that has its pin or a newer version', async () => {
    const { create, addServers, setPolicy } = await open();
    await addServers(['ada', 'bob'], pinned);
    await addServers(['cyd'], { ...pinned, openclaw: { installed: true, version: '1.6.0' } });
    await setPolicy('prod', { pinned: '1.5.0' });
    const plan = await create({ dryRun: true });
    expect(ofServer(plan, 'cyd')).toMatchObject({
      status: 'skipped',
      error: { message: 'OpenClaw 1.6.0 is installed, which is newer than 1.5.0.' },
    });
    expect(ofServer(plan, 'ada').status).toBe('pending');
  });

  test('takes a pin that was set after it was planned', async () => {
    const { create, addServers, setPolicy, passUntil, endings, release, begun } = await open();
    await addServers(['ada', 'bob']);
    endings.set('ada', 'waits');
    const { id } = await create({});
    await passUntil(id, () => begun.length === 1);
    await setPolicy('fleet', { pinned: '1.5.0' });
    release();
    expect(targets(await passUntil(id, is('succeeded')))).toEqual({ ada: '2.0.0', bob: '1.5.0' });
  });

  test('stays with the planned version when a pin is removed', async () => {
    const { create, addServers, setPolicy, removePolicy, passUntil, endings, release, begun } = await open();
    await addServers(['ada', 'bob']);
    await setPolicy('fleet', { pinned: '1.5.0' });
    endings.set('ada', 'waits');
    const { id } = await create({});
    await passUntil(id, () => begun.length === 1);
    await removePolicy('fleet');
    release();
    expect(targets(await passUntil(id, is('succeeded')))).toEqual({ ada: '1.5.0', bob: '1.5.0' });
  });

  test('is refused where tags of a server pin different versions', async () => {
    const { create, addServers, setPolicy } = await open();
    await addServers(['bob'], pinned);
    await setPolicy('prod', { pinned: '1.5.0' });
    await setPolicy('fleet', { pinned: '1.6.0' });
    for (const dryRun of [true, false])
      await expect(create({ dryRun })).rejects.toMatchObject({
        code: 'conflict',
        message:
          'bob: Tags of this server pin OpenClaw to different versions: "fleet" to 1.6.0 and "prod" to 1.5.0.',
      });
  });

  test('leaves out the policies of people who do not own the server', async () => {
    const { create, addServers, setPolicy } = await open();
    const serverIds = await addServers(['bob'], { owner: { id: 'bob', name: 'Bob', givenBy: null } });
    await setPolicy('fleet', { pinned: '1.5.0' });
    expect(targets(await create({ serverIds, dryRun: true }))).toEqual({ bob: '2.0.0' });
    await setPolicy('fleet', { pinned: '1.6.0' }, 'bob');
    expect(targets(await create({ serverIds, dryRun: true }))).toEqual({ bob: '1.6.0' });
  });
});

describe('a rollout of an exact version', () => {
  test('is refused where a server is pinned to another one', async () => {
    const { create, addServers, setPolicy, passUntil } = await open();
    await addServers(['ada']);
    await addServers(['bob'], pinned);
    await setPolicy('prod', { pinned: '1.5.0' });
    await expect(create({ version: '2.0.0' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'bob: OpenClaw is pinned to 1.5.0 on this server by the tag "prod".',
    });
    const { id } = await create({ version: '1.5.0' });
    expect(targets(await passUntil(id, is('succeeded')))).toEqual({ ada: '1.5.0', bob: '1.5.0' });
  });

  test('stops at a server that was pinned to another one meanwhile', async () => {
    const { create, addServers, setPolicy, removePolicy, rollouts, passUntil, endings, release, begun } =
      await open();
    await addServers(['ada', 'bob']);
    endings.set('ada', 'waits');
    const { id } = await create({ version: '2.0.0' });
    await passUntil(id, () => begun.length === 1);
    await setPolicy('fleet', { pinned: '1.5.0' });
    release();
    const stopped = await passUntil(id, is('stopped'));
    expect(ofServer(stopped, 'bob')).toMatchObject({
      ...{ status: 'failed', taskId: null },
      error: { code: 'conflict', message: 'OpenClaw is pinned to 1.5.0 on this server by the tag "fleet".' },
    });
    await removePolicy('fleet');
    await rollouts.resume(callerOf(), id, { skipFailed: false }, noAudit);
    expect(targets(await passUntil(id, is('succeeded')))).toEqual({ ada: '2.0.0', bob: '2.0.0' });
  });
});

describe('a rollout whose servers have an update window', () => {
  test('waits until it opens, says until when, and goes on then', async () => {
    const { create, addServers, setPolicy, rolloutWhen, passUntil, clock, begun } = await open();
    await addServers(['ada']);
    await setPolicy('fleet', { window: window('22:00', '04:00') });
    const opensAt = '2026-03-01T22:00:00.000Z';
    expect(await create({ dryRun: true })).toMatchObject({ nextWaveAt: opensAt });
    const { id, nextWaveAt } = await create({});
    expect(nextWaveAt).toBe(opensAt);
    clock.pass(Date.parse(opensAt) - clock.now() - 1);
    const waiting = await rolloutWhen(id, is('running'));
    expect(waiting).toMatchObject({ nextWaveAt: opensAt, waves: [[{ status: 'pending' }]] });
    expect(begun).toEqual([]);
    expect((await passUntil(id, is('succeeded'))).nextWaveAt).toBeNull();
    expect(begun).toEqual(['ada']);
  });

  test('starts what is left of a wave when the window opens again', async () => {
    const { create, addServers, setPolicy, passUntil, clock, begun } = await open();
    await addServers(['ada']);
    await addServers(['bob'], pinned);
    await addServers(['cyd']);
    await setPolicy('prod', { window: window('12:00', '13:00') });
    const { id } = await create({ canary: 0, waveSize: 2 });
    const waiting = await passUntil(id, (rollout) => ofServer(rollout, 'ada').status === 'updated');
    expect(waiting).toMatchObject({ status: 'running', nextWaveAt: '2026-03-01T12:00:00.000Z' });
    // The wave behind it waits for the whole wave.
    expect(begun).toEqual(['ada']);
    clock.pass(Date.parse('2026-03-01T12:00:00.000Z') - clock.now());
    await passUntil(id, is('succeeded'));
    expect(begun).toEqual(['ada', 'bob', 'cyd']);
  });

  test('begins no update once the window has closed while it waited for its place', async () => {
    const { create, addServers, setPolicy, rolloutWhen, passUntil, clock, begun, endings, release } =
      await open({
        startsAt: '2026-03-01T10:59:55.000Z',
        slots: 9,
      });
    const many = Array.from({ length: 9 }, (_, index) => `server ${index}`);
    await addServers(many);
    await setPolicy('fleet', { window: window('10:00', '11:00') });
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 9 });
    await rolloutWhen(
      id,
      ({ waves }) => begun.length === 8 && waves.flat().every(({ status }) => status === 'running'),
    );
    clock.pass(6_000);
    endings.clear();
    release();
    const waiting = await rolloutWhen(id, (rollout) => ofServer(rollout, 'server 8').status === 'pending');
    expect(waiting).toMatchObject({ status: 'running', nextWaveAt: '2026-03-08T10:00:00.000Z' });
    expect(begun).not.toContain('server 8');
    clock.pass(Date.parse('2026-03-08T10:00:00.000Z') - clock.now());
    await passUntil(id, is('succeeded'));
    expect(begun.at(-1)).toBe('server 8');
  });

  test('gives an update that waited for its place the pin that was set meanwhile', async () => {
    const { create, addServers, setPolicy, rolloutWhen, begun, endings, release } = await open({ slots: 9 });
    const many = Array.from({ length: 9 }, (_, index) => `server ${index}`);
    await addServers(many);
    for (const name of many) endings.set(name, 'waits');
    const { id } = await create({ canary: 0, waveSize: 9 });
    await rolloutWhen(
      id,
      ({ waves }) => begun.length === 8 && waves.flat().every(({ status }) => status === 'running'),
    );
    await setPolicy('fleet', { pinned: '1.5.0' });
    endings.clear();
    release();
    const done = await rolloutWhen(id, is('succeeded'));
    expect(targets(done)).toMatchObject({ 'server 0': '2.0.0', 'server 8': '1.5.0' });
  });

  test('says when the window opens after the pause between two waves', async () => {
    const { create, addServers, setPolicy, passUntil } = await open();
    await addServers(['ada', 'bob']);
    await setPolicy('fleet', { window: window('09:00', '11:00', ['sun', 'mon']) });
    const { id } = await create({ pauseS: 7_200 });
    const waiting = await passUntil(id, (rollout) => ofServer(rollout, 'ada').status === 'updated');
    expect(waiting.nextWaveAt).toBe('2026-03-02T09:00:00.000Z');
  });

  test('tells of no window of a server that the caller no longer sees', async () => {
    const { create, addServers, setPolicy, rollouts, hidden } = await open();
    await addServers(['ada']);
    await addServers(['bob'], pinned);
    await setPolicy('fleet', { window: window('14:00', '15:00') });
    await setPolicy('prod', { window: window('14:30', '16:00') });
    const { id, nextWaveAt } = await create({ canary: 0, waveSize: 2 });
    const nextNow = async () => (await rollouts.find(callerOf(), id)).nextWaveAt;
    expect(nextWaveAt).toBe('2026-03-01T14:00:00.000Z');
    hidden.add('ada');
    expect(await nextNow()).toBe('2026-03-01T14:30:00.000Z');
    hidden.add('bob');
    expect(await nextNow()).toBeNull();
  });

  test('goes on at once when the window is removed', async () => {
    const { create, addServers, setPolicy, passUntil, begun } = await open();
    await addServers(['ada']);
    await setPolicy('fleet', { window: window('22:00', '04:00') });
    const { id } = await create({});
    await setPolicy('fleet', { window: null });
    await passUntil(id, is('succeeded'));
    expect(begun).toEqual(['ada']);
  });

  test('waits for the time that the windows of all tags have in common', async () => {
    const { create, addServers, setPolicy } = await open();
    await addServers(['ada'], pinned);
    await setPolicy('fleet', { window: window('09:00', '14:00') });
    await setPolicy('prod', { window: window('13:00', '18:00') });
    expect(await create({})).toMatchObject({ nextWaveAt: '2026-03-01T13:00:00.000Z' });
  });

  test('is refused where they have none, and stops where that came later', async () => {
    const { create, addServers, setPolicy, passUntil, begun } = await open();
    await addServers(['ada'], pinned);
    await setPolicy('fleet', { window: window('12:00', '14:00') });
    const { id } = await create({});
    await setPolicy('prod', { window: window('15:00', '18:00') });
    const words =
      'The update windows of the tags "fleet" and "prod" are not open at the same time within the next three weeks.';
    await expect(create({})).rejects.toMatchObject({ code: 'conflict', message: `ada: ${words}` });
    const stopped = await passUntil(id, is('stopped'));
    expect(ofServer(stopped, 'ada').error).toMatchObject({ code: 'conflict', message: words });
    expect(begun).toEqual([]);
  });

  test('waits after a restart of Buoy as before', async () => {
    const first = await open();
    await first.addServers(['ada']);
    await first.setPolicy('fleet', { window: window('22:00', '04:00') });
    const { id } = await first.create({});
    await close();
    const clock = createFakeClock(Date.parse('2026-03-01T22:00:00.000Z'));
    const second = await openRollouts(folder, { clock, earlier: first });
    close = second.close;
    await second.rolloutWhen(id, (rollout) => {
      clock.pass(2_000);
      return rollout.status === 'succeeded';
    });
    expect([first.begun, second.begun]).toEqual([[], ['ada']]);
  });
});
