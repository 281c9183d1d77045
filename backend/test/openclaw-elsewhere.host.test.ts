// OpenClaw in an unusual folder: every part of Buoy finds the installation that the unit runs.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

const PREFIX = '/home/deploy/apps/runtime';
const UNIT = '/home/deploy/.config/systemd/user/openclaw-gateway.service';

describe.skipIf(inject('hostsMissing') !== '')('gateway in a folder of its own', () => {
  let host: Host;
  let live: LiveBuoy;

  beforeAll(async () => {
    // Its gateway starts once, from the new folder.
    host = await acquireHost({
      name: testHost('elsewhere'),
      layer: currentOpenclawLayer,
      waitGateway: false,
    });
    await host.fault('gateway-stop');
    // The packages stay in place, since copying them takes minutes on a busy machine.
    const moved = await host.exec(
      [
        `mkdir -p ${PREFIX}/bin ${PREFIX}/lib/node_modules`,
        `cp /opt/node24/bin/node ${PREFIX}/bin/node`,
        `ln -s /opt/node24/lib/node_modules/openclaw ${PREFIX}/lib/node_modules/openclaw`,
        `ln -s ../lib/node_modules/openclaw/openclaw.mjs ${PREFIX}/bin/openclaw`,
        'rm /opt/node24/bin/openclaw',
        `sed -i 's,/opt/node24,${PREFIX},g' ${UNIT}`,
      ].join(' && '),
    );
    expect(moved).toMatchObject({ code: 0 });
    await host.exec('systemctl --user daemon-reload && systemctl --user start openclaw-gateway', {
      user: 'deploy',
    });
    await host.waitGateway();
    live = await startLiveBuoy();
  });
  afterAll(async () => {
    await live?.close();
    await host?.down();
  });

  test('is found by the server test, the status and the server list alike', async () => {
    const { id } = await live.add(host);
    const params = { id };
    const tested = await live.api('POST /servers/:id/test', { params });
    const { status } = await live.api('GET /servers/:id/openclaw/status', { params });
    const { servers } = await live.api('GET /servers', { query: {} });
    const version = status.version;
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(tested).toMatchObject({
      ok: true,
      openclaw: { installed: true, version, path: `${PREFIX}/bin/openclaw` },
    });
    expect(status.installed).toBe(true);
    expect(servers.find((server) => server.id === id)?.openclaw).toEqual({ installed: true, version });

    await host.fault('gateway-stop');
    await expect(live.api('POST /servers/:id/test', { params })).resolves.toMatchObject({
      openclaw: { installed: true, version, path: `${PREFIX}/bin/openclaw` },
    });
  });
});
