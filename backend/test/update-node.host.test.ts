// An update of the Node and npm of a real gateway on a real host, that was set up by Buoy, and back when a step fails.
import type { Server, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';

const MINUTES = 60_000;
/** Milliseconds: 70 s for a setup, and for an update, on an idle machine. */
const TASK_MS = 400_000;
/** OpenClaw 2026.9.6 runs on it, and it is not the newest of its line. */
const OLD_NODE = '24.20.0';
const UNIT = '~/.config/systemd/user/openclaw-gateway.service';

describe.skipIf(inject('hostsMissing') !== '')('update of Node on a real host', () => {
  let live: LiveBuoy;
  let host: Host;
  let server: Server;
  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
    host = await acquireHost({ name: testHost('bare') });
    server = await live.add(host, 'update-node');
    const { task } = await live.api('POST /servers/:id/setup/run', {
      params: { id: server.id },
      body: { onboard: { provider: 'skip' }, node: { version: OLD_NODE } },
    });
    expect((await end(task)).status).toBe('succeeded');
  }, 10 * MINUTES);
  afterAll(async () => {
    await live?.close();
    await host?.down();
  });

  const end = (task: Task) => live.untilTask(task.id, ended, TASK_MS);
  const update = async (component: 'node' | 'npm', version?: string) =>
    (
      await live.api('POST /servers/:id/setup/update-component', {
        params: { id: server.id },
        body: { component, version },
      })
    ).task;
  const outputOf = async ({ id }: Task) =>
    (await live.api('GET /tasks/:id/output', { params: { id } })).output.text;
  const onHost = async (command: string) => (await host.exec(command, { user: 'deploy' })).stdout.trim();
  /** Which Node the main process of the service is. */
  const runningNode = () =>
    onHost(
      'readlink /proc/$(systemctl --user show openclaw-gateway -p MainPID | cut -d = -f 2)/exe | sed "s,.*/node-v,,; s,/bin/node,,"',
    );
  const newest = async () => {
    const { components } = await live.api('GET /servers/:id/setup/check-updates', {
      params: { id: server.id },
    });
    return components.find(({ component }) => component === 'node');
  };

  test(
    'comes back to the old one where a drop-in of the unit has come to keep it',
    async () => {
      const task = await update('node');
      await live.untilTask(task.id, stepRuns('stage'), TASK_MS);
      await onHost(
        `mkdir -p ${UNIT}.d && { echo '[Service]'; echo ExecStart=; grep ^ExecStart= ${UNIT}; } >${UNIT}.d/own.conf`,
      );
      const failed = await end(task);
      expect(failed, await outputOf(failed)).toMatchObject({
        ...{ status: 'failed', result: { from: OLD_NODE, rolledBack: true } },
      });
      expect(await runningNode()).toBe(OLD_NODE);
      expect(await onHost('~/.local/openclaw/bin/node --version')).toBe(`v${OLD_NODE}`);
      await onHost(`rm -r ${UNIT}.d && systemctl --user daemon-reload`);
    },
    2 * TASK_MS,
  );

  test(
    'has the gateway run by the newest one of its line',
    async () => {
      const { latest, behind } = (await newest())!;
      expect(behind).toBe(true);
      const task = await end(await update('node'));
      expect(task, await outputOf(task)).toMatchObject({
        ...{ status: 'succeeded', result: { from: OLD_NODE, to: latest, rolledBack: false } },
      });
      expect(await runningNode()).toBe(latest);
      expect(await onHost('bash -lc "node --version"')).toBe(`v${latest}`);
      expect(await newest()).toMatchObject({ current: latest, behind: false });
    },
    2 * TASK_MS,
  );

  test(
    'leaves the gateway alone for an older npm, and for the newest one again',
    async () => {
      const before = await onHost('systemctl --user show openclaw-gateway -p MainPID');
      for (const version of ['11.19.0', undefined]) {
        const task = await end(await update('npm', version));
        expect(task, await outputOf(task)).toMatchObject({ status: 'succeeded' });
      }
      expect(await onHost('systemctl --user show openclaw-gateway -p MainPID')).toBe(before);
    },
    2 * TASK_MS,
  );

  test(
    'refuses a Node on which OpenClaw does not run',
    async () => {
      const task = await end(await update('node', '23.11.0'));
      expect(task).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    },
    TASK_MS,
  );
});
