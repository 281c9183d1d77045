// Snapshots of a real OpenClaw: back from an update, back from a restore that fails, and to another host.
import type { SnapshotRestored, Task } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, stepRuns } from './support/live-buoy.ts';
import {
  apart,
  currentVersion,
  type OpenclawFixture,
  openclawFixture,
  previousVersion,
} from './support/openclaw-fixture.ts';

const MINUTES = 60_000;
/** Milliseconds for an update or a restore, and for one that goes back. */
const CHANGE_MS = 8 * MINUTES;
const SAID = 'Remember the lobster.';

describe.skipIf(inject('hostsMissing') !== '')('snapshots on real hosts', () => {
  let fixture: OpenclawFixture;
  let other: Host;
  let otherId: string;
  let api: Client;
  /** Made before the update. */
  let ofUpdate: string;
  beforeAll(async () => {
    fixture = await openclawFixture(apart(previousVersion, 'snapshot'), npmRegistrySettings());
    ({ api } = fixture.live);
    other = await acquireHost({
      name: testHost('snapshots-target'),
      layer: currentVersion.layer,
      waitGateway: true,
    });
    otherId = (await fixture.live.add(other)).id;
    await untilUp(api, otherId);
  }, 15 * MINUTES);
  afterAll(async () => {
    await fixture?.close();
    await other?.down();
  });

  const params = () => ({ id: fixture.serverId });
  const onHost = async (command: string, host = fixture.host) =>
    (await host.exec(command, { user: 'deploy' })).stdout.trim();
  const outputOf = async ({ id }: Task) =>
    (await api('GET /tasks/:id/output', { params: { id } })).output.text;
  const succeeded = async (task: Task): Promise<Task> => {
    const end = await fixture.live.untilTask(task.id, ended, CHANGE_MS);
    if (end.status !== 'succeeded')
      throw new Error(`${JSON.stringify(end.error)}\n${JSON.stringify(end.steps)}\n${await outputOf(end)}`);
    return end;
  };
  const startRestore = async (snapshotId: string, body: { targetServerId?: string } = {}) =>
    (
      await api('POST /servers/:id/setup/snapshots/:snapshotId/restore', {
        params: { ...params(), snapshotId },
        body,
      })
    ).task;
  const list = async () => (await api('GET /servers/:id/setup/snapshots', { params: params() })).snapshots;
  const versionOf = async (id: string) =>
    (await api('GET /servers/:id/openclaw/status', { params: { id } })).status.version;
  const agentsOf = async (id: string) =>
    (await api('GET /servers/:id/openclaw/agents', { params: { id } })).agents.map((one) => one.id).sort();
  const saidOn = async (id: string) =>
    JSON.stringify(
      (
        await api('GET /servers/:id/openclaw/sessions/:key/messages', {
          params: { id, key: 'agent:main:kept' },
        })
      ).messages,
    );
  const tokenOn = (host: Host) =>
    onHost(`sed -n 's/.*"token": *"\\([^"]*\\)".*/\\1/p' ~/.openclaw/openclaw.json | head -n 1`, host);

  test(
    'an update makes one, of what there was',
    async () => {
      await api('POST /servers/:id/openclaw/agents', {
        params: params(),
        body: { id: 'sales', name: 'Sales' },
      });
      await api('POST /servers/:id/openclaw/sessions/:key/messages', {
        params: { ...params(), key: 'agent:main:kept' },
        body: { text: SAID },
      });
      await vi.waitFor(async () => expect(await saidOn(fixture.serverId)).toContain(SAID), {
        ...{ timeout: MINUTES, interval: 500 },
      });
      const { task } = await api('POST /servers/:id/setup/update-component', {
        params: params(),
        body: { component: 'openclaw', version: currentVersion.version },
      });
      ofUpdate = ((await succeeded(task)).result as { snapshotId: string }).snapshotId;
      expect(await list()).toMatchObject([
        { id: ofUpdate, version: previousVersion.version, reason: 'update', verified: true },
      ]);
      expect(await versionOf(fixture.serverId)).toBe(currentVersion.version);
    },
    2 * CHANGE_MS,
  );

  test(
    'one that a person makes is verified, and the gateway runs on',
    async () => {
      const pid = await onHost('systemctl --user show openclaw-gateway -p MainPID');
      const { task } = await api('POST /servers/:id/setup/snapshots', {
        params: params(),
        body: { note: 'by hand' },
      });
      const { snapshotId } = (await succeeded(task)).result as { snapshotId: string };
      const path = { ...params(), snapshotId };
      expect(
        await api('POST /servers/:id/setup/snapshots/:snapshotId/verify', { params: path }),
      ).toMatchObject({ ok: true });
      expect(await onHost('systemctl --user show openclaw-gateway -p MainPID')).toBe(pid);
    },
    CHANGE_MS,
  );

  test(
    'a restore that does not become ready brings everything back',
    async () => {
      await api('POST /servers/:id/openclaw/agents', {
        params: params(),
        body: { id: 'later', name: 'Later' },
      });
      const task = await startRestore(ofUpdate);
      await fixture.live.untilTask(task.id, stepRuns('start'), CHANGE_MS);
      // The restored gateway does not come up again.
      await onHost('printf "{ broken" >~/.openclaw/openclaw.json; systemctl --user restart openclaw-gateway');
      const failed = await fixture.live.untilTask(task.id, ended, CHANGE_MS);
      expect(failed.result, await outputOf(failed)).toMatchObject({ rolledBack: true });
      expect(failed.status).toBe('failed');
      expect(await versionOf(fixture.serverId)).toBe(currentVersion.version);
      expect(await agentsOf(fixture.serverId)).toEqual(['later', 'main', 'sales']);
    },
    2 * CHANGE_MS,
  );

  test(
    'the repair step for it brings back the old version, with what was said to it, and a restore the new one',
    async () => {
      const versionStep = async () =>
        (await api('GET /servers/:id/openclaw/repair', { params: params() })).steps.find(
          ({ id }) => id === 'version-rollback',
        ) ?? expect.unreachable();
      const { runs, choice } = await versionStep();
      expect(runs.join('\n')).toContain(`openclaw@${previousVersion.version}`);
      const { task } = await api('POST /servers/:id/openclaw/repair', {
        params: params(),
        body: { step: 'version-rollback', ...(choice === null ? {} : { choice }) },
      });
      const { result } = await succeeded(task);
      expect(result).toMatchObject({
        ...{ snapshotId: ofUpdate, from: currentVersion.version, to: previousVersion.version },
        rolledBack: false,
      });
      await untilUp(api, fixture.serverId);
      expect(await versionOf(fixture.serverId)).toBe(previousVersion.version);
      expect(await agentsOf(fixture.serverId)).toEqual(['main', 'sales']);
      await vi.waitFor(async () => expect(await saidOn(fixture.serverId)).toContain(SAID), {
        ...{ timeout: MINUTES, interval: 500 },
      });
      expect(await onHost('ls -d ~/.openclaw.before-update* 2>/dev/null')).toBe('');
      expect((await versionStep()).unavailable).toContain(`already runs ${previousVersion.version}`);
      const { previousSnapshotId } = result as SnapshotRestored;
      await succeeded(await startRestore(previousSnapshotId ?? ''));
      await untilUp(api, fixture.serverId);
      expect(await agentsOf(fixture.serverId)).toEqual(['later', 'main', 'sales']);
      expect(await versionOf(fixture.serverId)).toBe(currentVersion.version);
    },
    3 * CHANGE_MS,
  );

  test(
    'a restore on another host brings the agents there, and leaves its token',
    async () => {
      const token = await tokenOn(other);
      const mine = (await list()).find(({ reason }) => reason === 'manual');
      await succeeded(await startRestore(mine?.id ?? '', { targetServerId: otherId }));
      await untilUp(api, otherId);
      expect(await agentsOf(otherId)).toEqual(['main', 'sales']);
      expect(await saidOn(otherId)).toContain(SAID);
      expect(await tokenOn(other)).toBe(token);
      expect(await onHost(`grep -rc "${await tokenOn(fixture.host)}" ~/.openclaw/openclaw.json`, other)).toBe(
        '0',
      );
      expect(await onHost('ls -a ~/.local/state/openclaw-snapshots', other)).not.toContain('carried');
    },
    2 * CHANGE_MS,
  );
});
