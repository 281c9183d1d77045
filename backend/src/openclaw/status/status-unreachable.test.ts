// The status of a server that becomes unreachable, and of a gateway that comes back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { until } from '../../lib/testing/until.ts';
import { createStatusFixture, type StatusFixture } from '../testing/status-fixture.ts';

let world: StatusFixture;
beforeEach(async () => {
  world = await createStatusFixture();
});
afterEach(() => world.close());

describe('status of an unreachable server', () => {
  const unreachable = () => {
    throw new AppError('unreachable', 'h:22 does not answer.');
  };

  test('returns the last status with its age', async () => {
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

  test('fails with the reason without a last status', async () => {
    world.ssh.onScript = unreachable;
    await expect(world.status.read('s1')).rejects.toMatchObject({
      code: 'unreachable',
      message: 'h:22 does not answer.',
    });
  });

  test('ignores a snapshot that this version cannot read', async () => {
    world.snapshots.rows.set('s1 status', {
      payload: { from: 'another version' },
      observedAt: '2026-01-01T00:00:00.000Z',
    });
    world.ssh.onScript = unreachable;
    await expect(world.status.read('s1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('returns the last status within 3 s when the server is frozen', { timeout: 10_000 }, async () => {
    await world.status.read('s1');
    for (const method of Object.keys(world.gateway.methods)) world.gateway.methods[method] = () => 'silent';
    world.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await world.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(world.observations.at(-1)).toMatchObject({ state: 'unreachable' });
  });

  test('returns it within 3 s also when the gateway refused Buoy shortly before', {
    timeout: 10_000,
  }, async () => {
    world.gateway.token = 'changed and not yet in the file';
    expect((await world.status.read('s1')).source).toBe('cli');
    world.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await world.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test('fails as unreachable within 3 s when the frozen server has no last status', {
    timeout: 10_000,
  }, async () => {
    world.ssh.frozen = true;
    const startedAt = Date.now();
    await expect(world.status.read('s1')).rejects.toMatchObject({ code: 'unreachable', status: 503 });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });
});

test('status › a gateway that comes back is running again, with its new service facts', async () => {
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
