// An update of a real OpenClaw on a real host, from the previous version to the current one, and back when it fails.
import type { Task } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost } from '../../testbed/hosts.ts';
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
/** Milliseconds for an update, and for one that goes back. */
const UPDATE_MS = 8 * MINUTES;
const STAGED = '/opt/node24/lib/node_modules/.update-openclaw/new/lib/node_modules/openclaw/openclaw.mjs';
const pluginList = z.looseObject({
  plugins: z.array(z.looseObject({ id: z.string(), status: z.string().optional() })),
});

/** A plugin of a person, as OpenClaw's guide has it. */
const PLUGIN = `mkdir -p ~/.openclaw/extensions/kept-plugin && cd ~/.openclaw/extensions/kept-plugin &&
  printf '%s' '{"id":"kept-plugin","name":"Kept","configSchema":{"type":"object","additionalProperties":false,"properties":{}}}' >openclaw.plugin.json &&
  printf '%s' '{"name":"kept-plugin","version":"1.0.0","type":"module","openclaw":{"extensions":["./index.js"]}}' >package.json &&
  printf '%s' 'export default { id: "kept-plugin", name: "Kept", register() {} };' >index.js &&
  PATH=/opt/node24/bin:$PATH openclaw plugins registry --refresh`;

describe.skipIf(inject('hostsMissing') !== '')('update of OpenClaw on a real host', () => {
  let fixture: OpenclawFixture;
  let api: Client;
  beforeAll(async () => {
    fixture = await openclawFixture(apart(previousVersion, 'update'), npmRegistrySettings());
    ({ api } = fixture.live);
  }, 10 * MINUTES);
  afterAll(() => fixture?.close());

  const params = () => ({ id: fixture.serverId });
  const onHost = async (command: string) =>
    (await fixture.host.exec(command, { user: 'deploy' })).stdout.trim();
  const start = async (id = fixture.serverId) =>
    (
      await api('POST /servers/:id/setup/update-component', {
        params: { id },
        body: { component: 'openclaw', version: currentVersion.version },
      })
    ).task;
  const outputOf = async ({ id }: Task) =>
    (await api('GET /tasks/:id/output', { params: { id } })).output.text;
  const end = (task: Task) => fixture.live.untilTask(task.id, ended, UPDATE_MS);
  const statuses = ({ steps }: Task) => steps.map(({ id, status }) => `${id} ${status}`);
  /** What must be there after an update, and after one that went back. */
  const inventory = async () => {
    const [{ agents }, { sessions }, { jobs }, { skills }] = await Promise.all([
      api('GET /servers/:id/openclaw/agents', { params: params() }),
      api('GET /servers/:id/openclaw/sessions', { params: params() }),
      api('GET /servers/:id/openclaw/cron', { params: params() }),
      api('GET /servers/:id/openclaw/skills', { params: params() }),
    ]);
    const { plugins } = await fixture.cli(['plugins', 'list', '--json'], pluginList);
    return {
      plugins: plugins.filter(({ id }) => id === 'kept-plugin').map(({ id, status }) => `${id} ${status}`),
      agents: agents.map(({ id }) => id).sort(),
      sessions: sessions.map(({ key }) => key).sort(),
      jobs: jobs.filter(({ system }) => !system).map(({ name }) => name),
      skills: skills.filter(({ source }) => source !== 'bundled').map(({ name }) => name),
    };
  };
  const versionOf = async () =>
    (await api('GET /servers/:id/openclaw/status', { params: params() })).status.version;
  let before: Awaited<ReturnType<typeof inventory>>;

  test(
    'the server has two agents, sessions, a job, a skill and a plugin of its own',
    async () => {
      await onHost(PLUGIN);
      await onHost('XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user restart openclaw-gateway');
      await untilUp(api, fixture.serverId);
      await api('POST /servers/:id/openclaw/agents', {
        params: params(),
        body: { id: 'sales', name: 'Sales' },
      });
      for (const key of ['agent:main:kept', 'agent:sales:kept'])
        await api('POST /servers/:id/openclaw/sessions/:key/messages', {
          params: { ...params(), key },
          body: { text: 'Remember me.' },
        });
      await api('POST /servers/:id/openclaw/cron', {
        params: params(),
        body: { name: 'kept', schedule: { kind: 'every', everyMs: 86_400_000 }, message: 'Good morning.' },
      });
      await onHost(
        `mkdir -p ~/.openclaw/skills/kept && printf -- '---\\nname: kept\\ndescription: Kept.\\n---\\nKept.\\n' >~/.openclaw/skills/kept/SKILL.md`,
      );
      const there = {
        ...{ agents: ['main', 'sales'], sessions: ['agent:main:kept', 'agent:sales:kept'] },
        ...{ jobs: ['kept'], skills: expect.arrayContaining(['kept']) },
        plugins: ['kept-plugin loaded'],
      };
      await vi.waitFor(async () => expect(await inventory()).toEqual(there), {
        timeout: MINUTES,
        interval: 500,
      });
      before = await inventory();
    },
    5 * MINUTES,
  );

  test(
    'comes back to the old version, with all that was there, when the new one does not become ready',
    async () => {
      const task = await start();
      await fixture.live.untilTask(task.id, stepRuns('migrate'), UPDATE_MS);
      // Nothing starts with it; the copy of before was made already.
      await onHost('printf "{ broken" >~/.openclaw/openclaw.json');
      const failed = await end(task);
      if (failed.status !== 'failed') throw new Error(`${statuses(failed)}\n${await outputOf(failed)}`);
      expect(failed.result, await outputOf(failed)).toMatchObject({
        to: currentVersion.version,
        rolledBack: true,
      });
      expect(await versionOf()).toBe(previousVersion.version);
      expect(await inventory()).toEqual(before);
    },
    2 * UPDATE_MS,
  );

  test(
    'comes back to the old version, with all that was there, when the new one cannot bring the state up to date',
    async () => {
      const task = await start();
      await fixture.live.untilTask(task.id, stepRuns('stop'), UPDATE_MS);
      await onHost(
        `sed -i '2i if (process.argv.includes("doctor")) { console.error("planted: no migration"); process.exit(1); }' ${STAGED}`,
      );
      const failed = await end(task);
      expect(failed, await outputOf(failed)).toMatchObject({
        ...{ status: 'failed', error: { code: 'config_invalid' } },
        result: { to: currentVersion.version, rolledBack: true },
      });
      expect(await outputOf(failed)).toContain('planted: no migration');
      expect(await versionOf()).toBe(previousVersion.version);
      expect(await inventory()).toEqual(before);
    },
    2 * UPDATE_MS,
  );

  test(
    'comes back to the old version when the disk is full amid the swap',
    async () => {
      // Where the old version can only be copied out of the way, there is the most that can find no room.
      const host = await acquireHost({
        ...{ name: testHost('update-disk'), layer: previousVersion.layer, disk: 6_000, renames: false },
      });
      try {
        const { id } = await fixture.live.add(host);
        await untilUp(api, id);
        const task = await start(id);
        await fixture.live.untilTask(task.id, stepRuns('stop'), UPDATE_MS);
        await host.fault('fill');
        const failed = await end(task);
        expect(failed, await outputOf(failed)).toMatchObject({
          ...{ status: 'failed', error: { code: 'disk_full' } },
          result: { rolledBack: true },
        });
        const { status } = await untilUp(api, id);
        expect(status.version).toBe(previousVersion.version);
      } finally {
        await host.down();
      }
    },
    2 * UPDATE_MS,
  );

  test(
    'comes back to the old version, with all that was there, when Buoy is killed in the swap',
    async () => {
      const task = await start();
      await fixture.live.untilTask(task.id, stepRuns('swap'), UPDATE_MS);
      await fixture.live.killAndRestart();
      const failed = await end(task);
      expect(failed, await outputOf(failed)).toMatchObject({
        ...{ status: 'failed', error: { code: 'shutting_down' } },
        result: { to: currentVersion.version, rolledBack: true },
      });
      expect(await versionOf()).toBe(previousVersion.version);
      expect(await inventory()).toEqual(before);
    },
    2 * UPDATE_MS,
  );

  test(
    'brings the new version, with all that was there, also when Buoy is killed in the migration',
    async () => {
      const begun = await start();
      await fixture.live.untilTask(begun.id, stepRuns('migrate'), UPDATE_MS);
      await fixture.live.killAndRestart();
      const task = await end(begun);
      if (task.status !== 'succeeded')
        throw new Error(`${JSON.stringify(task.error)}\n${statuses(task)}\n${await outputOf(task)}`);
      expect(task.result).toMatchObject({
        ...{ from: previousVersion.version, to: currentVersion.version, rolledBack: false },
        downtimeMs: expect.any(Number),
      });
      expect(await versionOf()).toBe(currentVersion.version);
      expect(await inventory()).toMatchObject(before);
      expect(
        await onHost(
          'ls -d ~/.openclaw.before-update /opt/node24/lib/node_modules/.update-openclaw 2>/dev/null',
        ),
      ).toBe('');
    },
    2 * UPDATE_MS,
  );

  test(
    'does nothing when the version is there already',
    async () => {
      const task = await end(await start());
      expect(task).toMatchObject({ status: 'succeeded', result: { downtimeMs: 0, snapshotId: null } });
    },
    UPDATE_MS,
  );
});
