// The status of a server that goes out of reach, and of a gateway that comes back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { until } from '../../lib/testing/until.ts';
import { createStatusFixture, type StatusFixture } from '../testing/status-fixture.ts';

let world: StatusFixture;
beforeEach(async () => {
  world = await createStatusFixture();
});
afterEach(() => world.close());

describe('when the server cannot be reached', () => {
  const unreachable = () => {
    throw new AppError('unreachable', 'h:22 does not answer.');
  };

  test('the last status is shown with its age', async () => {
    const before = await world.status.read('s1');
    await world.stop();
    world.ssh.onScript = unreachable;
    world.start();
    const read = await world.status.read('s1');
    expect(read).toEqual({
      ...before,
      source: 'snapshot',
      channelsSeen: false,
      observedAt: world.snapshots.rows.get('s1 status')?.observedAt,
      problem: expect.objectContaining({ code: 'unreachable', message: 'h:22 does not answer.' }),
    });
    expect(world.observations.at(-1)).toEqual({
      state: 'unreachable',
      reasons: ['h:22 does not answer.'],
      openclaw: null,
    });
  });

  test('without one the reason is the answer', async () => {
    world.ssh.onScript = unreachable;
    await expect(world.status.read('s1')).rejects.toMatchObject({
      code: 'unreachable',
      message: 'h:22 does not answer.',
    });
  });

  test('a snapshot that this Buoy cannot read counts as none', async () => {
    world.snapshots.rows.set('s1 status', {
      payload: { from: 'another version' },
      observedAt: '2026-01-01T00:00:00.000Z',
    });
    world.ssh.onScript = unreachable;
    await expect(world.status.read('s1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a frozen server is told within 3 s, with the last status', { timeout: 10_000 }, async () => {
    await world.status.read('s1');
    for (const method of Object.keys(world.gateway.methods)) world.gateway.methods[method] = () => 'silent';
    world.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await world.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(world.observations.at(-1)).toMatchObject({ state: 'unreachable' });
  });

  test('so is one whose gateway refused Buoy shortly before', { timeout: 10_000 }, async () => {
    world.gateway.token = 'changed and not yet in the file';
    expect((await world.status.read('s1')).source).toBe('cli');
    world.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await world.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test('a frozen server that was never seen is told to be out of reach within 3 s', {
    timeout: 10_000,
  }, async () => {
    world.ssh.frozen = true;
    const startedAt = Date.now();
    await expect(world.status.read('s1')).rejects.toMatchObject({ code: 'unreachable', status: 503 });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });
});

test('a gateway that comes back is seen as running again, with its new service facts', async () => {
  await world.status.read('s1');
  world.host['unit.NRestarts'] = 1;
  world.gateway.bootId = 'boot-2';
  world.gateway.closeAll(1012, 'service restart');
  await until(() => world.gateway.connects.length === 2, 'it is connected again');
  await until(() => world.ssh.scripts.some(([section]) => section === 'service'), 'the unit was looked at');
  expect((await world.status.read('s1')).status).toMatchObject({
    gateway: { state: 'running' },
    service: { restarts: 1 },
  });
});
