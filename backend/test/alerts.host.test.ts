// The alert of a gateway on a real host: it fires when the gateway is stopped and ends when it runs again.
import type { Alert } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { ended } from './support/live-buoy.ts';
import { currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

describe.skipIf(inject('hostsMissing') !== '')('alerts of a real gateway', () => {
  let fixture: OpenclawFixture;
  beforeAll(async () => {
    fixture = await openclawFixture(currentVersion);
  });
  afterAll(async () => {
    await fixture?.host.waitGateway();
    await fixture?.live.close();
  });

  const run = async (verb: 'start' | 'stop') => {
    const params = { id: fixture.serverId };
    const { task } = await fixture.live.api(`POST /servers/:id/openclaw/${verb}`, { params });
    expect(await fixture.live.untilTask(task.id, ended)).toMatchObject({ status: 'succeeded' });
  };
  const check = () => fixture.live.api('POST /servers/:id/check', { params: { id: fixture.serverId } });
  const ofGateway = (alerts: Alert[]) => alerts.filter(({ type }) => type === 'gateway_down');

  test('gateway_down fires when the gateway is stopped and is resolved when it runs again', async () => {
    expect(ofGateway((await check()).alerts)).toEqual([]);
    await run('stop');
    const { server, alerts } = await check();
    expect(server.status.state).toBe('down');
    const [fired] = ofGateway(alerts);
    expect(fired).toMatchObject({
      ...{ severity: 'critical', status: 'firing', cause: 'The gateway is stopped.' },
      evidence: expect.stringContaining('Unit: openclaw-gateway.service\nState: inactive'),
    });
    // Ignores alerts on channels, jobs and the connection to the host.
    expect(alerts.map(({ type }) => type)).not.toContain('connection_failed');

    await run('start');
    await untilUp(fixture.live.api, fixture.serverId);
    expect(ofGateway((await check()).alerts)).toEqual([]);
    const all = await fixture.live.api('GET /alerts', { query: { serverId: fixture.serverId } });
    expect(ofGateway(all.alerts)).toMatchObject([{ id: fired?.id, status: 'resolved' }]);
  });
});
