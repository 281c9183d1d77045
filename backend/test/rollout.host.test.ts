// A rollout over five real hosts, of which the third fails: two updated, the third back on its old version, the rest untouched; resume finishes.
import type { Rollout, Server, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { ended, type LiveBuoy, startLiveBuoy, stepRuns } from './support/live-buoy.ts';
import { currentVersion, previousVersion } from './support/openclaw-fixture.ts';

const MINUTES = 60_000;
/** Milliseconds for one update beside four other gateways. */
const UPDATE_MS = 8 * MINUTES;

describe.skipIf(inject('hostsMissing') !== '')('rollout over five real hosts', () => {
  let live: LiveBuoy;
  const hosts: Host[] = [];
  const servers: Server[] = [];
  let id: string;

  beforeAll(async () => {
    live = await startLiveBuoy(npmRegistrySettings());
    for (const number of [1, 2, 3, 4, 5]) {
      const host = await acquireHost({
        name: testHost(`rollout-${number}`),
        layer: previousVersion.layer,
        waitGateway: true,
      });
      hosts.push(host);
      servers.push(await live.add(host));
    }
    for (const server of servers) await untilUp(live.api, server.id, 3 * MINUTES);
  }, 20 * MINUTES);
  afterAll(async () => {
    await live?.close();
    for (const host of hosts) await host.down();
  }, 5 * MINUTES);

  const rollout = async () => (await live.api('GET /rollouts/:id', { params: { id } })).rollout as Rollout;
  const rolloutServers = async () => (await rollout()).waves.flat();
  const statuses = async () => (await rolloutServers()).map(({ status }) => status);
  const untilRollout = (is: (now: Rollout) => boolean, deadlineMs: number) =>
    until(deadlineMs, async () => {
      const now = await rollout();
      return is(now) ? now : null;
    });
  const outputOf = async ({ id: taskId }: Task) =>
    (await live.api('GET /tasks/:id/output', { params: { id: taskId } })).output.text;
  const versions = () =>
    Promise.all(
      servers.map(async (server) => (await untilUp(live.api, server.id, 2 * MINUTES)).status.version),
    );
  const { version: before } = previousVersion;
  const { version: after } = currentVersion;

  test(
    'updates two, brings the third back to its old version and leaves the rest untouched',
    async () => {
      const started = await live.api('POST /rollouts', {
        body: {
          ...{ serverIds: servers.map((server) => server.id), version: after },
          ...{ canary: 1, waveSize: 1, pauseS: 0 },
        },
      });
      id = started.rollout.id!;
      expect(started.rollout.waves.map((wave) => wave.map((one) => one.name))).toEqual(
        servers.map((server) => [server.name]),
      );

      const third = await until(3 * UPDATE_MS, async () => {
        const now = await rollout();
        if (now.status === 'stopped') throw new Error(JSON.stringify(now));
        return now.waves[2]![0]!.taskId;
      });
      await live.untilTask(third, stepRuns('migrate'), UPDATE_MS);
      // No gateway starts with it; the copy of before was made already.
      await hosts[2]!.exec('printf "{ broken" >~/.openclaw/openclaw.json', { user: 'deploy' });
      const task = await live.untilTask(third, ended, UPDATE_MS);
      expect(task.result, await outputOf(task)).toMatchObject({ to: after, rolledBack: true });

      const stopped = await untilRollout(({ status }) => status === 'stopped', MINUTES);
      expect(stopped.waves.flat().map(({ status }) => status)).toEqual([
        ...['updated', 'updated', 'rolled_back', 'pending', 'pending'],
      ]);
      expect(stopped.waves[2]![0]).toMatchObject({ from: before, error: { hint: expect.any(String) } });
      expect(await versions()).toEqual([after, after, before, before, before]);
      for (const server of servers.slice(3)) {
        const { tasks } = await live.api('GET /tasks', { query: { serverId: server.id } });
        expect(tasks).toEqual([]);
      }
    },
    5 * UPDATE_MS,
  );

  test(
    'resumes with the third, and finishes',
    async () => {
      await live.api('POST /rollouts/:id/resume', { params: { id }, body: {} });
      const end = await untilRollout(
        ({ status }) => status === 'succeeded' || status === 'stopped',
        4 * UPDATE_MS,
      );
      expect(end, JSON.stringify(end)).toMatchObject({ status: 'succeeded', finishedAt: expect.any(String) });
      expect(await statuses()).toEqual(['updated', 'updated', 'updated', 'updated', 'updated']);
      expect(await versions()).toEqual([after, after, after, after, after]);
      // Those that were updated at first had no second update.
      const { tasks } = await live.api('GET /tasks', { query: { serverId: servers[0]!.id } });
      expect(tasks).toHaveLength(1);
    },
    5 * UPDATE_MS,
  );
});
