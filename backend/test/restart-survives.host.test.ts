// The restart task on a real host: it survives a cut network and a killed Buoy, and reports why the gateway does not come back.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';

/** Milliseconds for a restart whose gateway hangs first: 90 s until Buoy intervenes, then a whole start. */
const TASK_DEADLINE_MS = 280_000;

describe.skipIf(inject('hostsMissing') !== '')('restarting the gateway', () => {
  let host: Host;
  let live: LiveBuoy;
  let serverId: string;

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer, waitGateway: true });
    live = await startLiveBuoy();
    serverId = (await live.add(host)).id;
    await untilUp(live.api, serverId);
  });
  beforeEach(() => live.untilIdle(serverId));
  afterEach(() => host.fault('none'));
  afterAll(() => live?.close());

  const restart = async () =>
    (await live.api('POST /servers/:id/openclaw/restart', { params: { id: serverId } })).task.id;
  const outputOf = async (id: string) => (await live.api('GET /tasks/:id/output', { params: { id } })).output;

  const mainPid = async () =>
    (
      await host.exec('systemctl --user show openclaw-gateway -p MainPID --value', { user: 'deploy' })
    ).stdout.trim();

  /** Checks that every step succeeded, the output is complete, and nothing is left on the server. */
  const expectSucceeded = async (id: string) => {
    const task = await live.untilTask(id, ended, TASK_DEADLINE_MS);
    expect(task.error).toBeNull();
    expect(task.status).toBe('succeeded');
    expect(task.progress).toBe(1);
    expect(task.steps.map((step) => step.status)).toEqual(task.steps.map(() => 'succeeded'));
    const { text, complete } = await outputOf(id);
    expect(complete).toBe(true);
    const runs = await host.exec('ls "$HOME/.buoy/runs" 2>/dev/null', { user: 'deploy' });
    expect(runs.stdout.trim()).toBe('');
    return { task, text };
  };

  /** Checks also that the one command ran once, its output without a gap or a repeat. */
  const expectWhole = async (id: string) => {
    const { task, text } = await expectSucceeded(id);
    expect(text).toMatch(/^Before: .*\nRestarting .*\nAfter: .*\n$/);
    return { task };
  };

  test.runIf(isLongRun)('succeeds when the network is cut midway and comes back', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('restart'));
    await host.fault('cut');
    // The gateway must restart while the network is cut.
    await live.untilTask(id, (task) => task.steps.some((step) => step.detail?.includes('unreachable')));
    await host.fault('restore');
    await expectWhole(id);
  });

  test('succeeds when Buoy is killed midway, and again while it waits for the gateway', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('restart'));
    await live.killAndRestart();
    await live.untilTask(id, stepRuns('ready'));
    await live.killAndRestart();
    await expectWhole(id);
  });

  test('succeeds with a new process, confirmed by the gateway, though all SSH sessions are killed; meanwhile a second restart returns 409', async () => {
    const before = await mainPid();
    const id = await restart();
    await live.untilTask(id, stepRuns('restart'));
    await host.fault('kill-connections');
    await expect(restart()).rejects.toMatchObject({
      status: 409,
      code: 'task_already_running',
      details: { taskId: id },
    });
    const { task } = await expectWhole(id);
    const { status } = await untilUp(live.api, serverId);
    expect(String(status.gateway.pid)).toBe(await mainPid());
    expect(String(status.gateway.pid)).not.toBe(before);
    expect(task.result).toMatchObject({
      pid: status.gateway.pid,
      version: status.version,
      bootId: expect.any(String),
      downtimeMs: expect.any(Number),
    });
  });

  test.runIf(isLongRun)(
    'fails with the cause from the journal when the gateway was stopped and its config is broken',
    async () => {
      await host.fault('gateway-stop');
      await host.fault('break-config');
      const id = await restart();
      const task = await live.untilTask(id, ended);
      expect(task).toMatchObject({
        status: 'failed',
        error: { code: 'refused', message: expect.stringMatching(/^The gateway did not start: .*config/i) },
      });
      expect(task.error?.hint).toBeTruthy();
      expect((await outputOf(id)).text).toContain("The gateway's log:");

      await host.fault('mend-config');
      await expectWhole(await restart());
    },
  );

  // Takes two minutes of systemd's own time; killing a gateway that ignores the stop order is tested in every run.
  test.runIf(isLongRun)('kills a gateway that hangs during its start, and starts it again', async () => {
    const id = await restart();
    await live.untilTask(id, stepRuns('ready'));
    const hung = await mainPid();
    await host.exec(`kill -STOP ${hung}`);
    const { text } = await expectSucceeded(id);
    expect(text).toContain('Killing openclaw-gateway.service');
    expect(await mainPid()).not.toBe(hung);
  });
});
