// The alerts of what a real host must do to fire them. With alert-causes and alert-thresholds every type there is, but that of a check that Buoy
// itself could not do.
import { ApiError } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { within } from '../../testbed/until.ts';
import { type HostAlerts, hostAlerts, NO_ROUNDS } from './support/host-alerts.ts';
import { apart, currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

const UNIT = 'openclaw-gateway.service';
const CONFIG = '/home/deploy/.openclaw/openclaw.json';
/** MiB; a gateway that has started takes some 300 of it. */
const DISK = 2_000;
/**
 * What systemd-oomd does with a unit that it kills: it counts the kill in an attribute of the control group, which systemd (257) reads when a
 * process ends. The kernel's own OOM kill cannot be planted: the hosts' control groups have no memory controller.
 */
const OOM_KILL = `main=$(systemctl --user show -P MainPID ${UNIT}) && group=/sys/fs/cgroup$(systemctl --user show -P ControlGroup ${UNIT}) &&
  perl -e '($name, $kills) = ("user.oomd_ooms", "1"); syscall(188, $ARGV[0], $name, $kills, 1, 0) == 0 or die "$!\\n"' "$group" && kill -KILL "$main"`;

describe.skipIf(inject('hostsMissing') !== '')('an alert of a real host', () => {
  let fixture: OpenclawFixture;
  let params: { id: string };
  let on: HostAlerts;
  beforeAll(async () => {
    fixture = await openclawFixture(apart(currentVersion, 'types', DISK), NO_ROUNDS);
    params = { id: fixture.serverId };
    on = hostAlerts(fixture);
    await within(60_000, async () => (await on.check()).length === 0);
  });
  afterAll(() => fixture?.close());

  test('says that the gateway was killed because the memory ran out', { timeout: 180_000 }, async () => {
    await on.run(OOM_KILL, 'deploy');
    await on.untilOpen('gateway_down', /^The gateway was killed because the memory ran out/);
    await fixture.host.waitGateway();
    await on.untilOver('gateway_down');
  });

  test('says how full the disk is, until it is not', { timeout: 180_000 }, async () => {
    await fixture.host.fault('fill');
    const alert = await on.untilOpen('disk_full', /^The disk of the server is (9\d|100) % full\.$/);
    expect(alert).toMatchObject({
      severity: 'critical',
      evidence: expect.stringMatching(/of \d\.\d GiB free/),
    });
    await fixture.host.fault('unfill');
    await on.untilOver('disk_full');
  });

  // The hosts share the memory of this machine: the file is what a program on the host sees of it.
  test('says how much of the memory is in use', { timeout: 180_000 }, async () => {
    await on.run(
      `awk '/^MemTotal/ { total = $2 } /^(MemFree|MemAvailable)/ { $0 = sprintf("%s %d kB", $1, total / 20) } { print }' /proc/meminfo > /run/meminfo && mount --bind /run/meminfo /proc/meminfo`,
    );
    try {
      const alert = await on.untilOpen('memory_high', /^9[45] % of the server's memory is in use\.$/);
      expect(alert.severity).toBe('warning');
    } finally {
      await on.run('umount /proc/meminfo');
    }
    await on.untilOver('memory_high');
  });

  test('says that a broken config was replaced by the last good one', { timeout: 180_000 }, async () => {
    await on.openclaw('config set cron.enabled true');
    // As OpenClaw does while it runs and when it starts; the first of it has no time by which it is done.
    await on.run(`cp ${CONFIG} ${CONFIG}.last-good`, 'deploy');
    await on.run(`printf '{ broken' > ${CONFIG}`, 'deploy');
    await untilRevision(({ valid }) => !valid);
    await on.run(
      `cp ${CONFIG} ${CONFIG}.clobbered.$(date -u +%Y-%m-%dT%H-%M-%S-000Z) && cp ${CONFIG}.last-good ${CONFIG}`,
      'deploy',
    );
    await untilRevision(({ origin }) => origin === 'openclaw');
    await on.untilOpen(
      'config_reverted',
      /^OpenClaw could not read its config and restored the last good one/,
    );
    await on.run(`rm -f ${CONFIG}.clobbered.*`, 'deploy');
    await on.openclaw('config unset cron.enabled');
    await on.untilOver('config_reverted');
  });

  test('names the update that failed', { timeout: 300_000 }, async () => {
    const { task } = await fixture.live.api('POST /servers/:id/setup/update-component', {
      params,
      body: { component: 'openclaw', version: '2099.1.1' },
    });
    await within(240_000, async () => {
      const { status } = (await fixture.live.api('GET /tasks/:id', { params: { id: task.id } })).task;
      return status === 'failed';
    });
    await on.untilOpen('update_failed', /^The update of OpenClaw failed: There is no such version/);
  });

  test('names the session that has filled its context', { timeout: 300_000 }, async () => {
    await on.openclaw(`config set 'models.providers.fake.models[0].contextWindow' 24000 --strict-json`);
    await within(60_000, async () => {
      const { models } = await fixture.live
        .api('GET /servers/:id/openclaw/models', { params })
        .catch(noneWhileRestarting);
      return models.some(({ contextWindow }) => contextWindow === 24_000);
    });
    await on.thresholds({ tokenOverflowShare: 0.3 });
    await fixture.live.api('POST /servers/:id/openclaw/sessions/:key/messages', {
      params: { id: fixture.serverId, key: 'agent:main:main' },
      body: { text: 'Hello' },
    });
    const alert = await on.untilOpen(
      'token_overflow',
      /^The session "agent:main:main" of agent "main" has filled/,
    );
    expect(alert.evidence).toContain('of 24000');
    await on.thresholds({ tokenOverflowShare: null });
  });

  /** The gateway restarts by itself with a changed list. */
  const noneWhileRestarting = (error: unknown) => {
    if (error instanceof ApiError && error.code === 'gateway_unavailable') return { models: [] };
    throw error;
  };
  type Revision = { valid: boolean; origin: string };
  const untilRevision = (isIt: (revision: Revision) => boolean) =>
    within(60_000, async () => {
      const query = { limit: 1 };
      const { revisions } = await fixture.live.api('GET /servers/:id/openclaw/config/history', {
        params,
        query,
      });
      return revisions.slice(0, 1).some(isIt);
    });
});
