// The restart task on a real host: it outlives a cut network and a killed Buoy, and says why when the gateway does not come back.
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';

describe.skipIf(inject('hostsMissing') !== '')('restarting the gateway', () => {
  let host: Host;
  let live: LiveBuoy;
  let serverId: string;

  beforeAll(async () => {
    host = await acquireHost({ name: 'test-gateway', layer: currentOpenclawLayer, waitGateway: true });
    live = await startLiveBuoy();
    serverId = (await live.add(host)).id;
    await untilUp(live.api, serverId);
  });
  afterEach(() => host.fault('none'));
  afterAll(() => live?.close());

  const restart = async () =>
    (await live.api('POST /servers/:id/openclaw/restart', { params: { id: serverId } })).task.id;
  const outputOf = async (id: string) => (await live.api('GET /tasks/:id/output', { params: { id } })).output;

  /** Every step done once, and the output without a gap or a repeat. */
  const expectWhole = async (id: string) => {
    const task = await live.untilTask(id, ended);
    expect(task.error).toBeNull();
    expect(task.status).toBe('succeeded');
    expect(task.progress).toBe(1);
    expect(task.steps.map((step) => step.status)).toEqual(task.steps.map(() => 'succeeded'));
    const output = await outputOf(id);
    expect(output.complete).toBe(true);
    const lines = output.text.split('\n').filter((line) => line !== '');
    expect(new Set(lines).size, output.text).toBe(lines.length);
    return { task, lines };
  };

  test('succeeds with a new boot of the gateway', async () => {
    const before = await untilUp(live.api, serverId);
    const { task, lines } = await expectWhole(await restart());
    const after = await untilUp(live.api, serverId);
    expect(after.status.gateway.pid).not.toBe(before.status.gateway.pid);
    expect(task.result).toMatchObject({ version: after.status.version });
    expect(lines.length).toBeGreaterThan(0);
  });

  test('ends succeeded when the network is cut in the middle and comes back', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('restart'));
    await host.fault('cut');
    // The gateway restarts meanwhile, unseen: that is the point.
    await host.waitGateway();
    await host.fault('restore');
    await expectWhole(id);
  });

  test('ends succeeded when Buoy is killed in the middle and started again', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('restart'));
    await live.killAndRestart();
    await expectWhole(id);
  });

  test('ends succeeded when Buoy is killed while it waits for the gateway', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('ready'));
    await live.killAndRestart();
    await expectWhole(id);
  });

  test('fails with the cause from the journal when the gateway was stopped and its config is broken', async () => {
    await host.fault('gateway-stop');
    await host.fault('break-config');
    const task = await live.untilTask(await restart(), ended);
    expect(task.status).toBe('failed');
    expect(task.error?.message).toMatch(/config/i);
    expect(task.error?.message).not.toMatch(/timed? ?out|deadline/i);
    expect(task.error?.hint).toBeTruthy();

    await host.fault('mend-config');
    await expectWhole(await restart());
  });

  test('409 with the task id when a restart runs already', async () => {
    const id = await restart();
    await expect(restart()).rejects.toMatchObject({
      status: 409,
      code: 'task_already_running',
      details: { taskId: id },
    });
    await live.untilTask(id, ended);
  });
});
