// An update of a real OpenClaw on a real host, from the previous version to the current one, and back when it fails.
import type { Task } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { npmRegistrySettings } from '../../testbed/npm-registry.ts';
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
  const start = async () =>
    (
      await api('POST /servers/:id/setup/update-component', {
        params: params(),
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
    return {
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
    'the server has two agents, sessions, a job and a skill',
    async () => {
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
    'brings the new version, with all that was there',
    async () => {
      const task = await end(await start());
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
