// A gateway on a real host without systemd: set up, driven and brought back by Buoy's own supervisor.
import type { Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { ended, type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const MINUTES = 60_000;

describe.skipIf(inject('hostsMissing') !== '')('a gateway on a server without systemd', () => {
  let live: LiveBuoy;
  let host: Host;
  let id: string;
  const params = () => ({ id });
  const succeeded = async ({ id: taskId }: Task) => {
    const end = await live.untilTask(taskId, ended, 8 * MINUTES);
    const { output } = await live.api('GET /tasks/:id/output', { params: { id: taskId } });
    if (end.status !== 'succeeded') throw new Error(`${JSON.stringify(end.error)}\n${output.text}`);
    return end;
  };
  const service = async () => (await untilUp(live.api, id)).status.service;
  const run = (body: object = {}) =>
    live.api('POST /servers/:id/setup/run', {
      params: params(),
      body: { onboard: { provider: 'skip' }, ...body },
    });

  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
    host = await acquireHost({ name: testHost('supervised'), systemd: false });
    ({ id } = await live.add(host));
    await succeeded((await run()).task);
  }, 10 * MINUTES);
  afterAll(async () => {
    await host?.down();
    await live?.close();
  });

  test(
    'is a service that Buoy shows, and a setup finds everything in place',
    async () => {
      expect(await service()).toMatchObject({
        ...{ manager: 'supervised', unit: 'openclaw-gateway.service', activeState: 'active', restarts: 0 },
      });
      const { checks } = await live.api('GET /servers/:id/setup/verify-health', {
        params: params(),
        query: {},
      });
      expect(checks.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.status])).toEqual([
        ['linger', 'warn'],
      ]);
      const again = await succeeded((await run()).task);
      expect(again.steps.find((step) => step.id === 'systemd')).toMatchObject({ status: 'skipped' });
    },
    5 * MINUTES,
  );

  test(
    'is restarted, stopped and started from Buoy',
    async () => {
      const { task } = await live.api('POST /servers/:id/openclaw/restart', { params: params() });
      expect((await succeeded(task)).result).toMatchObject({ version: '2026.9.6' });
      const stop = await live.api('POST /servers/:id/openclaw/stop', { params: params() });
      expect((await succeeded(stop.task)).result).toMatchObject({ wasRunning: true, killed: false });
      const start = await live.api('POST /servers/:id/openclaw/start', { params: params() });
      await succeeded(start.task);
      expect(await service()).toMatchObject({ activeState: 'active' });
    },
    10 * MINUTES,
  );

  test(
    'comes back when its process is killed',
    async () => {
      const { pid } = (await untilUp(live.api, id)).status.gateway;
      await host.exec(`kill -9 ${pid}`);
      await until(2 * MINUTES, async () => {
        const { status } = await live.api('GET /servers/:id/openclaw/status', { params: params() });
        return status.gateway.ready && status.gateway.pid !== pid && status.service.restarts === 1;
      });
    },
    5 * MINUTES,
  );

  test(
    'moves to another port',
    async () => {
      expect(
        await live.api('POST /servers/:id/setup/configure-gateway', {
          params: params(),
          body: { port: 18_790 },
        }),
      ).toMatchObject({ gateway: { port: 18_790 }, restarted: true });
      expect((await untilUp(live.api, id)).status.gateway).toMatchObject({ port: 18_790 });
    },
    5 * MINUTES,
  );

  test(
    'is down after a reboot where nothing starts it, and starts from Buoy',
    async () => {
      await host.reboot();
      await until(MINUTES, async () => {
        const { status } = await live.api('GET /servers/:id/openclaw/status', { params: params() });
        return status.service.activeState === 'inactive' && status.gateway.state === 'stopped';
      });
      await succeeded((await live.api('POST /servers/:id/openclaw/start', { params: params() })).task);
      expect(await service()).toMatchObject({ activeState: 'active' });
    },
    5 * MINUTES,
  );
});
