// The task that installs a skill, with a scripted gateway.
import type { SkillInstallation } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { makeTestFolder, openTestTasks, type TestTasks } from '../../tasks/testing/test-tasks.ts';
import { createInstallSkillKind } from './install-skill.ts';

/** Milliseconds of this thread for a list of twelve; a page has up to two hundred. */
const MAX_BLOCK_MS = 20;

const workspaceDir = '/home/deploy/.openclaw/workspace';

let folder: ReturnType<typeof makeTestFolder>;
let tasks: TestTasks;
let serverId: string;
/** Slugs whose folders are in the workspace. */
let slugs: string[];
let missing: string[];
/** Of the agent whose skills are listed. */
let agentId: string | null;
let calls: Array<Record<string, unknown>>;
/** While another change of the config holds the lock. */
let whileLocked: () => Promise<void>;
let isAdmin: boolean;
/** What `skills.install` does. */
let onInstall: (params: Record<string, unknown>) => unknown;

async function call<S extends z.ZodType>(
  _serverId: string,
  method: string,
  params: Record<string, unknown>,
  schema: S,
) {
  if (method === 'skills.install') calls.push(params);
  return schema.parse(method === 'skills.install' ? await onInstall(params) : status());
}
const kind = createInstallSkillKind({
  gateways: { call },
  async callWithConfigLock(onServer, method, params, schema, { mayWrite }) {
    await whileLocked();
    await mayWrite?.();
    return call(onServer, method, params, schema);
  },
});

const status = () => ({
  agentId,
  workspaceDir,
  managedSkillsDir: '/home/deploy/.openclaw/skills',
  skills: [
    {
      name: 'github',
      skillKey: 'github',
      source: 'openclaw-bundled',
      bundled: true,
      eligible: missing.length === 0,
      missing: { bins: missing, anyBins: [], env: [], config: [], os: [] },
      install: [{ id: 'brew', kind: 'brew', label: 'Install GitHub CLI (brew)', bins: ['gh'] }],
    },
    ...slugs.map((slug) => ({
      name: `the-${slug}`,
      skillKey: slug,
      source: 'openclaw-workspace',
      eligible: true,
      baseDir: `${workspaceDir}/skills/${slug}`,
    })),
  ],
});

function unavailable(message: string): AppError {
  return new AppError('gateway_unavailable', 'The gateway is not available right now.', {
    details: { reason: 'unavailable', method: 'skills.install', openclaw: { code: 'UNAVAILABLE', message } },
  });
}

beforeEach(async () => {
  slugs = [];
  agentId = null;
  missing = ['gh'];
  calls = [];
  whileLocked = async () => {};
  isAdmin = true;
  folder = makeTestFolder();
  tasks = await openTestTasks(folder, [kind], { mayStart: async () => isAdmin });
  serverId = await tasks.newServer();
});
afterEach(async () => {
  await tasks.close();
  folder.remove();
});

async function run(input: SkillInstallation) {
  const { id } = await tasks.tasks.start('openclaw.install-skill', { serverId, input, createdBy: 'u_1' });
  const task = await tasks.ended(id);
  return { ...task, output: (await tasks.tasks.output(id, 0)).text };
}

describe('skill installation from ClawHub', () => {
  beforeEach(() => {
    onInstall = () => {
      slugs.push('tea');
      return { ok: true, message: 'Installed tea@1.2.3', slug: 'tea', version: '1.2.3', code: 0 };
    };
  });

  test('succeeds when OpenClaw lists it', async () => {
    expect(await run({ source: 'clawhub', slug: '@ann/tea', agentId: 'sales' })).toMatchObject({
      status: 'succeeded',
      result: {
        skill: { name: 'the-tea', key: 'tea', source: 'workspace', eligible: true },
        version: '1.2.3',
      },
      output: 'Installed tea@1.2.3\n',
    });
    expect(calls).toEqual([
      expect.objectContaining({ source: 'clawhub', slug: '@ann/tea', agentId: 'sales' }),
    ]);
  });

  test('by a gateway that answers without end leaves tasks that are listed at once', async () => {
    agentId = 'a'.repeat(900_000);
    onInstall = () => {
      slugs.push('tea');
      return { ok: true, slug: null, version: '1'.repeat(900_000) };
    };
    for (let count = 0; count < 12; count += 1) {
      slugs = [];
      expect((await run({ source: 'clawhub', slug: 'tea' })).status).toBe('succeeded');
    }
    const before = process.threadCpuUsage();
    const { tasks: listed } = await tasks.tasks.list({ serverIds: null, limit: 12 });
    const answer = JSON.stringify(listed);
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(MAX_BLOCK_MS);
    expect(answer.length).toBeLessThan(50_000);
  });

  test('does not ask OpenClaw when the skill is already installed', async () => {
    slugs = ['tea'];
    expect(await run({ source: 'clawhub', slug: 'tea' })).toMatchObject({
      status: 'failed',
      error: { code: 'duplicate' },
    });
    expect(calls).toEqual([]);
  });

  test('does not ask OpenClaw for a person who has lost the role while another change of the config was under way', async () => {
    whileLocked = async () => {
      isAdmin = false;
    };
    expect(await run({ source: 'clawhub', slug: 'tea' })).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden' },
    });
    expect(calls).toEqual([]);
  });

  test('fails with clawhub_unreachable when the server cannot reach ClawHub', async () => {
    onInstall = () => {
      throw unavailable('fetch failed | getaddrinfo ENOTFOUND clawhub.ai | ENOTFOUND');
    };
    expect(await run({ source: 'clawhub', slug: 'tea' })).toMatchObject({
      status: 'failed',
      error: { code: 'clawhub_unreachable', message: expect.stringContaining('cannot reach ClawHub') },
    });
  });

  test('fails when OpenClaw does not list the skill', async () => {
    onInstall = () => ({ ok: true, slug: 'tea' });
    expect(await run({ source: 'clawhub', slug: 'tea' })).toMatchObject({
      status: 'failed',
      error: { code: 'bad_gateway' },
    });
  });
});

describe('installation of missing requirements', () => {
  test('uses the installer that the skill names', async () => {
    onInstall = () => {
      missing = [];
      return { ok: true, message: 'Installed', stdout: 'gh 2.0', stderr: '', code: 0 };
    };
    expect(await run({ source: 'dependency', name: 'github', installId: 'brew' })).toMatchObject({
      status: 'succeeded',
      result: { skill: { name: 'github', eligible: true }, version: null },
      output: 'Installed\ngh 2.0\n',
    });
    expect(calls).toEqual([expect.objectContaining({ name: 'github', installId: 'brew' })]);
  });

  test('fails with the message of OpenClaw', async () => {
    onInstall = () => {
      throw unavailable('brew not installed — install "gh" by hand. See /home/deploy/.openclaw/x');
    };
    expect(await run({ source: 'dependency', name: 'github', installId: 'brew' })).toMatchObject({
      status: 'failed',
      error: {
        code: 'refused',
        message: 'OpenClaw could not install it: brew not installed — install "gh" by hand. See …',
      },
    });
  });

  test('does not ask OpenClaw for an installer that the skill does not have', async () => {
    expect(await run({ source: 'dependency', name: 'github', installId: 'npm' })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect(await run({ source: 'dependency', name: 'nope', installId: 'brew' })).toMatchObject({
      error: { code: 'not_found' },
    });
    expect(calls).toEqual([]);
  });
});
