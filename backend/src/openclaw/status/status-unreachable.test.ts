// The status of a server that becomes unreachable, and of a gateway that comes back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { until } from '../../lib/testing/until.ts';
import { createStatusFixture, type StatusFixture } from '../testing/status-fixture.ts';

let fixture: StatusFixture;
beforeEach(async () => {
  fixture = await createStatusFixture();
});
afterEach(() => fixture.close());

describe('status of an unreachable server', () => {
  const unreachable = () => {
    throw new AppError('unreachable', 'h:22 does not answer.');
  };

  test('returns the last status with its age', async () => {
    const before = await fixture.status.read('s1');
    await fixture.stop();
    fixture.ssh.onScript = unreachable;
    fixture.start();
    const read = await fixture.status.read('s1');
    expect(read).toEqual({
      ...before,
      source: 'snapshot',
      channelsSeen: false,
      ownUpdateFailure: undefined,
      observedAt: fixture.snapshots.rows.get('s1 status')?.observedAt,
      problem: expect.objectContaining({ code: 'unreachable', message: 'h:22 does not answer.' }),
    });
    expect(fixture.observations.at(-1)).toEqual({
      state: 'unreachable',
      reasons: ['h:22 does not answer.'],
      openclaw: null,
    });
  });

  test('fails with the reason without a last status', async () => {
    fixture.ssh.onScript = unreachable;
    await expect(fixture.status.read('s1')).rejects.toMatchObject({
      code: 'unreachable',
      message: 'h:22 does not answer.',
    });
  });

  test('ignores a snapshot that this version cannot read', async () => {
    fixture.snapshots.rows.set('s1 status', {
      payload: { from: 'another version' },
      observedAt: '2026-01-01T00:00:00.000Z',
    });
    fixture.ssh.onScript = unreachable;
    await expect(fixture.status.read('s1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('returns the last status within 3 s when the server is frozen', { timeout: 10_000 }, async () => {
    await fixture.status.read('s1');
    for (const method of Object.keys(fixture.gateway.methods))
      fixture.gateway.methods[method] = () => 'silent';
    fixture.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await fixture.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(fixture.observations.at(-1)).toMatchObject({ state: 'unreachable' });
  });

  test('returns it within 3 s also when the gateway refused Buoy shortly before', {
    timeout: 10_000,
  }, async () => {
    fixture.gateway.token = 'changed and not yet in the file';
    expect((await fixture.status.read('s1')).source).toBe('cli');
    fixture.ssh.frozen = true;
    const startedAt = Date.now();
    expect((await fixture.status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test('fails as unreachable within 3 s when the frozen server has no last status', {
    timeout: 10_000,
  }, async () => {
    fixture.ssh.frozen = true;
    const startedAt = Date.now();
    await expect(fixture.status.read('s1')).rejects.toMatchObject({ code: 'unreachable', status: 503 });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });
});

test('status › a gateway that comes back is running again, with its new service facts', async () => {
  await fixture.status.read('s1');
  fixture.host['unit.NRestarts'] = 1;
  fixture.gateway.bootId = 'boot-2';
  fixture.gateway.closeAll(1012, 'service restart');
  await until(() => fixture.gateway.connects.length === 2, 'it is connected again');
  await until(() => fixture.ssh.scripts.some(([section]) => section === 'service'), 'the unit was read');
  expect((await fixture.status.read('s1')).status).toMatchObject({
    gateway: { state: 'running' },
    service: { restarts: 1 },
  });
});
