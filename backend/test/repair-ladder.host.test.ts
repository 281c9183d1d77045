// The repair ladder and automatic repair on a real host.
import { hasEnded, type RepairStepId, type Task } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { within } from '../../testbed/until.ts';
import { apart, currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

/** Milliseconds from a problem to its alert, and for a restart: a start takes 6 to 40 s on a busy machine. */
const ALERT_MS = 30_000;
const REPAIR_MS = 180_000;

describe.skipIf(inject('hostsMissing') !== '')('the repair of a gateway', () => {
  let fixture: OpenclawFixture;
  const onHost = async (command: string) =>
    (await fixture.host.exec(command, { user: 'deploy' })).stdout.trim();
  const params = () => ({ id: fixture.serverId });
  const api: Client = (key, ...input) => fixture.live.api(key, ...input);

  beforeAll(async () => {
    fixture = await openclawFixture(apart(currentVersion, 'ladder'));
    // The config that works is known once the kept connection has told it.
    await within(ALERT_MS, async () => {
      const { revisions } = await api('GET /servers/:id/openclaw/config/history', { params: params() });
      return revisions.length > 0;
    });
  });
  afterAll(() => fixture?.close());

  const ladder = () => api('GET /servers/:id/openclaw/repair', { params: params() });
  const stepIn = (read: Awaited<ReturnType<typeof ladder>>, id: RepairStepId) =>
    read.steps.find((step) => step.id === id) ?? expect.unreachable();
  const run = (step: RepairStepId, choice: string | null) =>
    api('POST /servers/:id/openclaw/repair', {
      params: params(),
      body: { step, ...(choice === null ? {} : { choice }) },
    });
  const ended = async (id: string): Promise<Task> => {
    let task: Task | undefined;
    await within(REPAIR_MS, async () => {
      task = (await api('GET /tasks/:id', { params: { id } })).task;
      return hasEnded(task);
    });
    return task ?? expect.unreachable();
  };
  const isDown = async () => {
    const { alerts } = await api('GET /alerts', { query: { serverId: fixture.serverId } });
    return alerts.some(({ type, resolvedAt }) => type === 'gateway_down' && resolvedAt === null);
  };
  const breakConfig = async () => {
    // OpenClaw 2026.9.6 does not start with a key that it does not know.
    await onHost(`sed -i 's/"gateway": {/"gateway": { "nonsense": 1,/' .openclaw/openclaw.json`);
    await onHost('systemctl --user restart openclaw-gateway');
    await within(ALERT_MS, isDown);
  };
  const configSum = () => onHost('sha256sum < .openclaw/openclaw.json');

  test('begins with the config where that keeps it from starting, shows the change, and brings it up again', {
    timeout: 2 * REPAIR_MS,
  }, async () => {
    const token = await onHost(`grep -o '"token": "[^"]*"' .openclaw/openclaw.json`);
    await breakConfig();
    const broken = await configSum();
    const read = await ladder();
    expect(read).toMatchObject({
      suggested: 'config-rollback',
      reason: expect.stringContaining('does not start with its config'),
    });
    const step = stepIn(read, 'config-rollback');
    expect(step.changes).toEqual([{ path: 'gateway.nonsense', kind: 'removed', before: 1, after: null }]);
    expect(step.runs.join('\n')).toContain('~/.openclaw/openclaw.json.before-rollback');
    expect(JSON.stringify(read)).not.toContain(token.slice(10, 40));

    // Somebody edits it after it was shown.
    await onHost('echo >> .openclaw/openclaw.json');
    const edited = await configSum();
    const refused = await run('config-rollback', step.choice).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ status: 409, code: 'stale_version' });
    expect(await configSum()).toBe(edited);
    expect(edited).not.toBe(broken);

    const { task } = await run('config-rollback', stepIn(await ladder(), 'config-rollback').choice);
    expect(await ended(task.id)).toMatchObject({ status: 'succeeded', error: null });
    expect(await onHost('systemctl --user is-active openclaw-gateway')).toBe('active');
    expect(await onHost('cat .openclaw/openclaw.json')).not.toContain('nonsense');
    expect(await onHost(`grep -o '"token": "[^"]*"' .openclaw/openclaw.json`)).toBe(token);
    expect(await onHost('stat -c %a .openclaw/openclaw.json')).toBe('600');
    expect(await onHost('sha256sum < .openclaw/openclaw.json.before-rollback')).toBe(edited);
    await untilUp(fixture.live.api, fixture.serverId);
    await within(ALERT_MS, async () => {
      const { revisions } = await api('GET /servers/:id/openclaw/config/history', { params: params() });
      return revisions.some(({ note, origin }) => origin === 'buoy' && note?.startsWith('Repair: went back'));
    });
    expect(await ladder()).toMatchObject({ suggested: null, reason: 'The gateway works.' });
    expect(stepIn(await ladder(), 'version-rollback').unavailable).toContain('no snapshot');
  });

  test('offers the next step with the reason when one did not help', {
    timeout: 2 * REPAIR_MS,
  }, async () => {
    await untilUp(fixture.live.api, fixture.serverId);
    await breakConfig();
    const { task } = await run('restart', stepIn(await ladder(), 'restart').choice);
    const failed = await ended(task.id);
    expect(failed.status).toBe('failed');
    const read = await ladder();
    expect(read).toMatchObject({
      suggested: 'config-rollback',
      reason: expect.stringContaining('“Restart the gateway” did not help'),
    });
    expect(stepIn(read, 'restart').tried).toMatchObject({ taskId: task.id });
    const { task: next } = await run('config-rollback', stepIn(read, 'config-rollback').choice);
    expect((await ended(next.id)).status).toBe('succeeded');
    await untilUp(fixture.live.api, fixture.serverId);
  });

  test('is begun by Buoy itself once for an alert, and no more often a day than it may', {
    timeout: 4 * REPAIR_MS,
  }, async () => {
    await within(ALERT_MS, async () => !(await isDown()));
    const set = (perDay: number) =>
      api('PUT /servers/:id/auto-repair', { params: params(), body: { enabled: true, perDay } });
    const state = async () => (await api('GET /servers/:id/auto-repair', { params: params() })).autoRepair;
    const restarts = async () => {
      const { tasks } = await api('GET /tasks', { query: { serverId: fixture.serverId } });
      return tasks.filter(({ type }) => type === 'openclaw.restart');
    };
    const before = (await restarts()).length;
    await set(1);
    await onHost(
      'systemctl --user kill --signal KILL openclaw-gateway; systemctl --user stop openclaw-gateway',
    );
    await within(REPAIR_MS, async () => (await state()).lastResult === 'succeeded');
    expect(await onHost('systemctl --user is-active openclaw-gateway')).toBe('active');
    await within(ALERT_MS, async () => !(await isDown()));
    expect(await state()).toMatchObject({ enabled: true, perDay: 1, usedToday: 1 });

    await onHost('systemctl --user stop openclaw-gateway');
    await within(ALERT_MS, isDown);
    await api('POST /servers/:id/check', { params: params() });
    expect((await restarts()).length).toBe(before + 1);
    expect(await onHost('systemctl --user is-active openclaw-gateway || true')).toBe('inactive');
    const { alerts } = await api('GET /alerts', { query: { serverId: fixture.serverId } });
    expect(
      alerts.map(({ resolvedAt, autoRepair }) => [resolvedAt === null, autoRepair?.result ?? null]),
    ).toEqual(
      expect.arrayContaining([
        [true, null],
        [false, 'succeeded'],
      ]),
    );
    // Only the limit was in the way.
    const raisedAt = new Date().toISOString();
    await set(2);
    await within(
      REPAIR_MS,
      async () => (await state()).usedToday === 2 && (await state()).lastResult === 'succeeded',
    );
    const [newest] = await restarts();
    expect((newest?.createdAt ?? '') >= raisedAt).toBe(true);
    expect((await restarts()).length).toBe(before + 2);
  });
});
