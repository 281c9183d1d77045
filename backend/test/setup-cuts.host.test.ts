// A setup that is disturbed in each of its steps: by a cut network, killed connections, a host without power, and a killed Buoy.
import type { Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { ended, type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const MINUTES = 60_000;
const SETUP_MS = 15 * MINUTES;
/** Steps that last long enough to be met; the others end within a look at the task, and are met as they come. */
const ALWAYS_MET = ['install-node', 'install-openclaw', 'onboard', 'systemd'] as const;

type Fault = (host: Host, live: LiveBuoy) => Promise<void>;

const faults: Record<string, Fault> = {
  'a network that is cut': async (host) => {
    await host.fault('cut');
    // Longer than a connection lives without an answer.
    await host.exec('sleep 25');
    await host.fault('restore');
  },
  'connections that are killed': (host) => host.fault('kill-connections'),
  'a host that loses its power': async (host) => {
    await host.powerOff();
    await host.start();
  },
  'a Buoy that is killed': async (_host, live) => live.killAndRestart(),
};

describe.skipIf(inject('hostsMissing') !== '')(
  'a setup goes on, and runs no finished step twice, after',
  () => {
    let live: LiveBuoy;
    beforeAll(async () => {
      live = await startLiveBuoy(npmRegistrySettings());
    });
    afterAll(() => live?.close());

    test.each(Object.entries(faults))(
      '%s in each step',
      async (name, fault) => {
        await using host = await bare();
        const server = await live.add(host, name);
        const params = { id: server.id };
        const body = { onboard: { provider: 'skip' } };
        const { task } = await live.api('POST /servers/:id/setup/run', { params, body });
        const met = new Set<string>();
        const finished = new Map<string, string>();
        const end = await until(SETUP_MS, async () => {
          const now = await live.task(task.id);
          for (const step of now.steps.filter(({ finishedAt }) => finishedAt !== null)) {
            const seen = JSON.stringify(step);
            expect(finished.get(step.id) ?? seen).toBe(seen);
            finished.set(step.id, seen);
          }
          if (ended(now)) return now;
          const running = now.steps.find(({ status }) => status === 'running');
          if (running !== undefined && !met.has(running.id)) {
            met.add(running.id);
            await fault(host, live);
          }
          return null;
        });
        expect(end, await described(end)).toMatchObject({ status: 'succeeded' });
        expect([...met]).toEqual(expect.arrayContaining([...ALWAYS_MET]));
        expect((await untilUp(live.api, server.id)).status.gateway).toMatchObject({ ready: true });
      },
      SETUP_MS + 3 * MINUTES,
    );

    async function described(task: Task): Promise<string> {
      const { output } = await live.api('GET /tasks/:id/output', { params: { id: task.id } });
      return `${JSON.stringify(task.error)}\n${output.text}`;
    }
  },
);

/** A host without what an earlier try has left. */
async function bare(): Promise<Host & AsyncDisposable> {
  const options = { name: testHost('cuts') };
  const earlier = await acquireHost(options);
  await earlier.down();
  const host = await acquireHost(options);
  return { ...host, [Symbol.asyncDispose]: () => host.down() };
}
