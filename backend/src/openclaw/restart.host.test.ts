import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { acquireHost, currentOpenclawLayer, type Host } from '../../../testbed/hosts.ts';
import { systemClock } from '../lib/clock.ts';
import { createSsh } from '../ssh/create-ssh.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { createKeptLogger } from '../ssh/testing/kept-logger.ts';
import { createMemoryTargets } from '../ssh/testing/memory-targets.ts';
import { createRemoteRuns } from '../tasks/remote-run.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../tasks/testing/test-tasks.ts';
import { createGateways } from './gateway/create-gateways.ts';
import { createInstallations } from './installation/create-installations.ts';
import { createRestartKind } from './restart.ts';

const withinMs = 280_000;

describe.skipIf(inject('hostsMissing') !== '')('restarting the gateway of a real server', () => {
  let host: Host;
  let folder: TestFolder;
  let serverId: string;
  /** Everything that dies with Buoy. */
  let buoy: { all: TestTasks; stop(): Promise<void> };

  beforeAll(async () => {
    host = await acquireHost({ name: 'test-restart', layer: currentOpenclawLayer });
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  beforeEach(async () => {
    await host.waitGateway();
    folder = makeTestFolder();
    buoy = await startBuoy();
    serverId = await buoy.all.newServer();
  });
  afterEach(async () => {
    await buoy.stop();
    folder.remove();
    await host.fault('none');
  });

  async function startBuoy(): Promise<typeof buoy> {
    const { logger } = createKeptLogger();
    const ssh: Ssh = createSsh({
      targets: {
        ...createMemoryTargets(),
        find: async (id) => ({
          serverId: id,
          host: host.host,
          port: host.port,
          username: host.user,
          credential: { type: 'key', privateKey: readFileSync(host.key, 'utf8'), passphrase: null },
          hostKey: null,
          jump: null,
        }),
      },
      clock: systemClock,
      logger,
    });
    const installations = createInstallations({ ssh, clock: systemClock, logger });
    const gateways = createGateways({ ssh, installations, clock: systemClock, logger });
    const remoteRuns = createRemoteRuns({ ssh, clock: systemClock });
    const kind = createRestartKind({ ssh, gateways, installations, remoteRuns, clock: systemClock });
    const all = await openTestTasks(folder, [kind], { patienceMs: withinMs });
    return {
      all,
      async stop() {
        await all.close();
        await gateways.close();
        await ssh.close();
      },
    };
  }
  const start = () => buoy.all.tasks.start('openclaw.restart', { serverId, input: {}, createdBy: 'u_1' });
  const mainPid = async () => {
    const { stdout } = await host.exec('systemctl --user show openclaw-gateway -p MainPID --value', {
      user: 'deploy',
    });
    return Number(stdout.trim());
  };
  const runsLeft = async () =>
    (await host.exec('ls "$HOME/.buoy/runs" 2>/dev/null', { user: 'deploy' })).stdout.trim();

  it('proves that another process is ready and healthy', async () => {
    const before = await mainPid();
    const { id } = await start();
    const task = await buoy.all.ended(id);
    expect(task).toMatchObject({
      status: 'succeeded',
      error: null,
      result: {
        pid: expect.any(Number),
        bootId: expect.any(String),
        version: '2026.9.6',
        downtimeMs: expect.any(Number),
      },
    });
    const after = await mainPid();
    expect(after).not.toBe(before);
    expect(task.result).toMatchObject({ pid: after });
    const { text } = await buoy.all.tasks.output(id, 0);
    expect(text).toMatch(/Before: .*ActiveState=active/);
    expect(text).toMatch(/Restarting openclaw-gateway\.service\.\nAfter: .*ActiveState=active/);
    expect(text).not.toContain(host.gatewayToken);
    expect(await runsLeft()).toBe('');
  });

  it('goes on when the network is cut in its middle and comes back', async () => {
    const before = await mainPid();
    const { id } = await start();
    await buoy.all.taskWhen(id, (task) => task.steps[1]?.status === 'running');
    await host.fault('cut');
    const seen = await buoy.all.taskWhen(id, (task) =>
      task.steps.some((step) => step.detail?.includes('out of reach') ?? false),
    );
    expect(seen.status).toBe('running');
    await host.fault('restore');
    const task = await buoy.all.ended(id);
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(await mainPid()).not.toBe(before);
    const { text } = await buoy.all.tasks.output(id, 0);
    expect(text.match(/Restarting/g)).toHaveLength(1);
    expect(text.match(/After:/g)).toHaveLength(1);
  });

  it('goes on when Buoy is stopped in its middle and started again, and restarts once', async () => {
    const { id } = await start();
    await buoy.all.taskWhen(id, (task) => task.steps[1]?.status === 'running');
    await buoy.stop();
    buoy = await startBuoy();
    expect(await buoy.all.ended(id)).toMatchObject({ status: 'succeeded' });
    expect((await buoy.all.tasks.output(id, 0)).text.match(/Restarting/g)).toHaveLength(1);
  });

  it('goes on when all SSH sessions are killed in its middle', async () => {
    const { id } = await start();
    await buoy.all.taskWhen(id, (task) => task.steps[1]?.status === 'running');
    await host.fault('kill-connections');
    expect(await buoy.all.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  it('starts a gateway that was stopped', async () => {
    await host.fault('gateway-stop');
    const { id } = await start();
    expect(await buoy.all.ended(id)).toMatchObject({ status: 'succeeded' });
  });

  it('fails early with the cause from the journal when the config is broken', async () => {
    await host.fault('break-config');
    const begunAt = Date.now();
    const { id } = await start();
    const task = await buoy.all.ended(id);
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: expect.stringMatching(/^The gateway did not start: .*config/i) },
    });
    expect(task.error?.hint).toBeTruthy();
    expect(Date.now() - begunAt).toBeLessThan(75_000);
    const { text } = await buoy.all.tasks.output(id, 0);
    expect(text).toContain("The gateway's log:");
    expect(text).not.toContain(host.gatewayToken);
  });

  it('kills a gateway that hangs while it starts, and starts it again', { timeout: 300_000 }, async () => {
    const { id } = await start();
    await buoy.all.taskWhen(id, (task) => task.steps[2]?.status === 'running');
    const hung = await mainPid();
    await host.exec(`kill -STOP ${hung}`);
    expect(await buoy.all.ended(id)).toMatchObject({ status: 'succeeded' });
    expect(await mainPid()).not.toBe(hung);
    expect((await buoy.all.tasks.output(id, 0)).text).toContain('Killing openclaw-gateway.service');
  });
});
