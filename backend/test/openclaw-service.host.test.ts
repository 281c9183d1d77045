// Starting and stopping the gateway of a real host through the API: verified on the host, with the alert that follows, and without
// effect when nothing needs to be done.
import type { Alert } from '@buoy/contract';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { within } from '../../testbed/until.ts';
import { ended } from './support/live-buoy.ts';
import { type OpenclawFixture, openclawFixture, usualVersions } from './support/openclaw-fixture.ts';

/** Milliseconds: a start takes 6 to 40 s on a busy machine; `until` gives three times as much. */
const TASK_MS = 70_000;
const UNIT = 'openclaw-gateway.service';

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'gateway service of OpenClaw $version',
  (version) => {
    let fixture: OpenclawFixture;

    beforeAll(async () => {
      fixture = await openclawFixture(version);
    });
    // A gateway that a test has stopped stays so: the next one would only wait for its start.
    afterEach(() => fixture.host.fault('mend-config'));
    afterAll(async () => {
      await fixture?.host.fault('none');
      await fixture?.host.waitGateway();
      await fixture?.live.close();
    });

    const begin = async (verb: 'start' | 'stop' | 'restart') => {
      const params = { id: fixture.serverId };
      const { task } = await fixture.live.api(`POST /servers/:id/openclaw/${verb}`, { params });
      return task.id;
    };
    const run = async (verb: 'start' | 'stop' | 'restart') =>
      fixture.live.untilTask(await begin(verb), ended, TASK_MS);
    const output = async (id: string) =>
      (await fixture.live.api('GET /tasks/:id/output', { params: { id } })).output.text;
    const onHost = async (command: string) =>
      (await fixture.host.exec(command, { user: 'deploy' })).stdout.trim();
    const unit = async () => {
      const text = await onHost(`systemctl --user show ${UNIT} -p ActiveState -p MainPID -p NRestarts`);
      return Object.fromEntries(text.split('\n').map((line) => line.split('=') as [string, string]));
    };
    const listeners = () => onHost(`ss -Hltn 'sport = :18789'`);
    const readStatus = () =>
      fixture.live.api('GET /servers/:id/openclaw/status', { params: { id: fixture.serverId } });

    const check = () => fixture.live.api('POST /servers/:id/check', { params: { id: fixture.serverId } });
    const ofGateway = (alerts: Alert[]) => alerts.filter(({ type }) => type === 'gateway_down');

    test('stop leaves the unit inactive, the process gone and the port free, and fires an alert; start runs a new, healthy process and resolves it', {
      timeout: 600_000,
    }, async () => {
      const query = { serverId: fixture.serverId };
      // A try before this one may have left a task that runs, a stopped gateway, and its alert.
      await fixture.live.untilIdle(fixture.serverId, TASK_MS);
      await fixture.host.fault('none');
      await fixture.host.waitGateway();
      await untilUp(fixture.live.api, fixture.serverId);
      expect(ofGateway((await check()).alerts)).toEqual([]);
      const everFired = async () => ofGateway((await fixture.live.api('GET /alerts', { query })).alerts);
      const earlier = (await everFired()).map(({ id }) => id);
      const { MainPID: pid } = await unit();
      const stopped = await run('stop');
      expect(stopped).toMatchObject({ status: 'succeeded', result: { wasRunning: true, killed: false } });
      expect(stopped.steps.map((step) => step.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      expect(await unit()).toMatchObject({ ActiveState: 'inactive', MainPID: '0' });
      expect(await listeners()).toBe('');
      expect(await onHost(`[ -e /proc/${pid} ] && echo there`)).toBe('');
      expect((await readStatus()).status.gateway).toMatchObject({ state: 'stopped', pid: null });

      const { server, alerts } = await check();
      expect(server.status.state).toBe('down');
      const [fired] = ofGateway(alerts);
      expect(fired).toMatchObject({
        ...{ severity: 'critical', status: 'firing', cause: 'The gateway is stopped.' },
        evidence: expect.stringContaining('Unit: openclaw-gateway.service\nState: inactive'),
      });
      // Ignores alerts on channels, jobs and the connection to the host.
      expect(alerts.map(({ type }) => type)).not.toContain('connection_failed');

      const again = await run('stop');
      expect(again).toMatchObject({ status: 'succeeded', result: { wasRunning: false, killed: false } });
      expect(await output(again.id)).toContain('It is stopped already.');

      const started = await run('start');
      expect(started.error).toBeNull();
      const { MainPID: newPid } = await unit();
      expect(newPid).not.toBe(pid);
      expect(started).toMatchObject({
        status: 'succeeded',
        result: { pid: Number(newPid), version: version.version, downtimeMs: expect.any(Number) },
      });
      const { status } = await untilUp(fixture.live.api, fixture.serverId);
      expect(status.gateway).toMatchObject({ state: 'running', ready: true, pid: Number(newPid) });

      expect(ofGateway((await check()).alerts)).toEqual([]);
      const firedNow = (await everFired()).filter(({ id }) => !earlier.includes(id));
      expect(firedNow).toMatchObject([{ id: fired?.id, status: 'resolved' }]);
    });

    test('start of a running gateway leaves it unchanged', async () => {
      const before = await unit();
      const task = await run('start');
      expect(task).toMatchObject({ status: 'succeeded', result: { pid: Number(before.MainPID) } });
      expect(await unit()).toEqual(before);
    });

    test('start, stop and restart do not run at the same time', async () => {
      const id = await begin('start');
      for (const verb of ['start', 'stop', 'restart'] as const)
        await expect(begin(verb)).rejects.toMatchObject({
          status: 409,
          code: 'task_already_running',
          details: { taskId: id },
        });
      expect(await fixture.live.untilTask(id, ended, TASK_MS)).toMatchObject({ status: 'succeeded' });
    });

    test('a gateway that is killed has an alert with the cause within 15 s, resolved within 15 s after it is back, while nobody asks for a check', {
      timeout: 300_000,
    }, async () => {
      await fixture.host.waitGateway();
      await untilUp(fixture.live.api, fixture.serverId);
      await check();
      const newest = async () => {
        const { alerts } = await fixture.live.api('GET /alerts', { query: { serverId: fixture.serverId } });
        return ofGateway(alerts)[0];
      };
      const before = (await newest())?.id;
      await onHost(`systemctl --user kill -s KILL ${UNIT}`);
      const fired = await within(15_000, async () => {
        const alert = await newest();
        return alert !== undefined && alert.id !== before && alert;
      });
      expect(fired).toMatchObject({
        ...{ severity: 'critical', status: 'firing' },
        cause: 'The gateway was killed. It is being started again.',
      });
      await fixture.host.waitGateway();
      await within(15_000, async () => (await newest())?.status === 'resolved');
    });

    test.runIf(isLongRun)(
      'a gateway that ignores the stop signal is killed after the timeout, and stays down',
      async () => {
        // SIGURG has no effect on it.
        const folder = '~/.config/systemd/user/openclaw-gateway.service.d';
        await onHost(
          `mkdir -p ${folder} && printf '[Service]\\nKillSignal=SIGURG\\nTimeoutStopSec=4\\n' > ${folder}/stop.conf && systemctl --user daemon-reload`,
        );
        try {
          const task = await run('stop');
          expect(task).toMatchObject({ status: 'succeeded', result: { wasRunning: true, killed: true } });
          expect(await unit()).toMatchObject({ ActiveState: 'inactive', MainPID: '0' });
        } finally {
          await onHost(`rm -r ${folder} && systemctl --user daemon-reload`);
        }
      },
    );

    test.runIf(isLongRun)(
      'start with a broken config or after the start limit fails with the cause, and works once repaired',
      async () => {
        await run('stop');
        await fixture.host.fault('break-config');
        const broken = await run('start');
        expect(broken).toMatchObject({
          status: 'failed',
          error: { code: 'refused', message: expect.stringMatching(/^The gateway did not start: .*config/i) },
        });
        expect(await output(broken.id)).toContain("The gateway's log:");

        // Until systemd stops restarting it, as after hours of crashes.
        await fixture.host.exec(
          `for i in $(seq 14); do systemctl --user start ${UNIT}; sleep 0.2; systemctl --user kill -s KILL ${UNIT}; done`,
          { user: 'deploy' },
        );
        await run('stop');
        expect(await unit()).toMatchObject({ ActiveState: 'inactive' });
        await fixture.host.fault('mend-config');
        const mended = await run('start');
        expect(mended).toMatchObject({ error: null, status: 'succeeded' });
      },
    );
  },
);
