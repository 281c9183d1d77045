// From a bare Debian without a way to the internet to a gateway that runs: Buoy downloads, and sends over SSH.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Server, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host, previousOpenclawLayer } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';

/** Milliseconds: the download, and three minutes on an idle machine. */
const SETUP_MS = 900_000;
const MINUTES = 60_000;

describe.skipIf(inject('hostsMissing') !== '')('a server without internet', () => {
  let live: LiveBuoy;
  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
  });
  afterAll(() => live?.close());

  const outputOf = async ({ id }: Task) =>
    (await live.api('GET /tasks/:id/output', { params: { id } })).output.text;
  const succeeded = async (task: Task) => {
    const end = await live.untilTask(task.id, ended, SETUP_MS);
    if (end.status !== 'succeeded') throw new Error(`${JSON.stringify(end.error)}\n${await outputOf(end)}`);
    return end;
  };
  const carriedOn = async (host: Host) =>
    (await host.exec('ls -A ~/.buoy/carried 2>/dev/null', { user: 'deploy' })).stdout;

  describe('and without OpenClaw', () => {
    let host: Host;
    let server: Server;
    beforeAll(async () => {
      host = await acquireHost({ name: testHost('offline'), internet: false });
      server = await live.add(host);
    });
    afterAll(() => host?.down());

    test('is ready for a setup, and the check says that Buoy downloads', async () => {
      const { ready, via, checks } = await live.api('GET /servers/:id/setup/check-prereqs', {
        params: { id: server.id },
      });
      expect({ ready, via }).toEqual({ ready: true, via: 'buoy' });
      expect(checks.find(({ id }) => id === 'registry')).toMatchObject({
        ...{ status: 'warn', detail: expect.stringContaining('Buoy download and sends the files over SSH.') },
      });
    });

    test(
      'is set up, over a killed Buoy and a cut connection, and keeps nothing of what was sent',
      async () => {
        const { task } = await live.api('POST /servers/:id/setup/run', {
          params: { id: server.id },
          body: { onboard: { provider: 'skip' } },
        });
        await live.untilTask(task.id, stepRuns('install-openclaw'), SETUP_MS);
        await live.killAndRestart();
        await host.fault('kill-connections');
        const end = await succeeded(task);
        expect(end.steps.map(({ id, status }) => [id, status])).toMatchObject([
          ['check-prereqs', 'succeeded'],
          ['install-node', 'succeeded'],
          ['install-openclaw', 'succeeded'],
          ['onboard', 'succeeded'],
          ['configure-gateway', 'skipped'],
          ['systemd', 'succeeded'],
          ['channel', 'skipped'],
          ['verify-health', 'succeeded'],
          ['create-default-agent', 'skipped'],
        ]);
        expect(await outputOf(end)).toContain('Buoy downloads, and sends them over SSH.');
        expect((await untilUp(live.api, server.id)).status.gateway).toMatchObject({
          state: 'running',
          ready: true,
        });
        expect(await carriedOn(host)).toBe('');
        expect(existsSync(path.join(live.dataDir, 'downloads'))).toBe(true);
      },
      20 * MINUTES,
    );

    test(
      'takes what another server has made Buoy download',
      async () => {
        const downloads = () => readdirSync(path.join(live.dataDir, 'downloads')).sort();
        const before = downloads();
        const second = await acquireHost({ name: testHost('offline-2'), internet: false });
        const { id } = await live.add(second);
        const install = async (call: 'install-node' | 'install-openclaw') => {
          const { task } = await live.api(`POST /servers/:id/setup/${call}`, { params: { id }, body: {} });
          return succeeded(task);
        };
        await install('install-node');
        expect((await install('install-openclaw')).result).toMatchObject({ version: '2026.9.6' });
        expect(downloads()).toEqual(before);
        await second.down();
      },
      15 * MINUTES,
    );
  });

  test(
    'has its OpenClaw updated by Buoy',
    async () => {
      const host = await acquireHost({
        ...{ name: testHost('offline-old'), layer: previousOpenclawLayer, internet: false },
      });
      const { id } = await live.add(host);
      await untilUp(live.api, id);
      const { task } = await live.api('POST /servers/:id/setup/update-component', {
        params: { id },
        body: { component: 'openclaw' },
      });
      expect((await succeeded(task)).result).toMatchObject({
        from: '2026.7.35',
        to: '2026.9.6',
        rolledBack: false,
      });
      expect(await carriedOn(host)).toBe('');
      await host.down();
    },
    20 * MINUTES,
  );
});
