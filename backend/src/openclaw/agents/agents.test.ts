// Creating and removing agents: incomplete work is undone, and calls that would lose data are refused.
import type { NewAgent } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { systemClock } from '../../lib/clock.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { ConfigWriter } from '../config/writer.ts';
import { type CalledGateways, createCalledGateways, readerOf, refused } from '../testing/called-gateways.ts';
import { type Agents, createAgents } from './agents.ts';

type One = { id: string; name?: string; workspace: string };

const { signal } = new AbortController();
let gateways: CalledGateways;
let agents: Agents;
/** What OpenClaw has. */
let present: One[];
let defaultId: string | null;
let patches: unknown[];

beforeEach(() => {
  present = [{ id: 'main', workspace: '/home/deploy/.openclaw/workspace' }];
  defaultId = 'main';
  patches = [];
  gateways = createCalledGateways();
  Object.assign(gateways.methods, {
    'agents.list': () => ({ defaultId, agents: present }),
    'config.get': () => ({
      path: '/home/deploy/.openclaw/openclaw.json',
      valid: true,
      hash: 'h1',
      parsed: { agents: { list: present.map(({ id }) => ({ id })) } },
    }),
    'agents.create': ({ name, workspace }: { name: string; workspace: string }) => {
      present.push({ id: name, name, workspace });
      return { ok: true, agentId: name, name, workspace };
    },
    'agents.update': ({ agentId, name }: { agentId: string; name: string }) => {
      present.find(({ id }) => id === agentId)!.name = name;
      return { ok: true };
    },
    'agents.delete': ({ agentId }: { agentId: string }) => {
      present = present.filter(({ id }) => id !== agentId);
      return { ok: true, agentId, removed: [], failed: [] };
    },
  });
  const writer: ConfigWriter = {
    patchConfig: async (_serverId, { patch }) => {
      patches.push(patch);
      return { hash: 'h2', changes: [], restart: false, applied: true, rev: 1 };
    },
  } as Partial<ConfigWriter> as ConfigWriter;
  agents = createAgents({
    gateways,
    callWithConfigLock: gateways.call,
    reader: readerOf(gateways),
    hostConfigs: {} as HostConfigs,
    writer,
    configApplied: async () => {},
    clock: systemClock,
  });
});

const create = (wanted: NewAgent) => agents.create('s1', wanted, { signal });
const remove = (agentId: string, deleteFiles = false) =>
  agents.remove('s1', agentId, { deleteFiles, signal });
const called = (method: string) =>
  gateways.calls.filter((call) => call.method === method).map(({ params }) => params);

describe('creating an agent', () => {
  test('creates it by its id, then sets its name, in a workspace beside the main one', async () => {
    expect(await create({ id: 'sales', name: 'Продажи', emoji: '🛒' })).toMatchObject({
      id: 'sales',
      name: 'Продажи',
      workspace: '/home/deploy/.openclaw/workspace-sales',
    });
    expect(called('agents.create')).toEqual([
      { name: 'sales', emoji: '🛒', workspace: '/home/deploy/.openclaw/workspace-sales' },
    ]);
    expect(called('agents.update')).toEqual([{ agentId: 'sales', name: 'Продажи' }]);
  });

  test('is undone when the name is refused, and the workspace is kept', async () => {
    gateways.methods['agents.update'] = () => {
      throw refused('no such name');
    };
    await expect(create({ id: 'sales', name: 'Продажи' })).rejects.toMatchObject({
      code: 'refused',
      hint: expect.stringContaining('removed again'),
    });
    expect(called('agents.delete')).toEqual([{ agentId: 'sales', deleteFiles: false }]);
  });

  test('reports an unfinished agent when it can be neither completed nor undone', async () => {
    gateways.methods['agents.update'] = gateways.methods['agents.delete'] = () => {
      throw new AppError('gateway_unavailable', 'The gateway is restarting.');
    };
    await expect(create({ id: 'sales', name: 'Продажи' })).rejects.toMatchObject({
      code: 'gateway_unavailable',
      hint: expect.stringContaining('unfinished agent sales'),
    });
  });

  test('is undone when OpenClaw chooses another id', async () => {
    gateways.methods['agents.create'] = () => ({ agentId: 'sales' });
    await expect(create({ id: 'sales-' })).rejects.toMatchObject({ code: 'refused' });
    expect(called('agents.delete')).toEqual([{ agentId: 'sales', deleteFiles: false }]);
  });

  test('twice at the same time creates one agent', async () => {
    const answers = await Promise.allSettled([create({ id: 'sales' }), create({ id: 'sales' })]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(called('agents.create')).toHaveLength(1);
  });

  test('with an existing id is a duplicate', async () => {
    gateways.methods['agents.create'] = () => {
      throw refused('agent "sales" already exists');
    };
    await expect(create({ id: 'sales' })).rejects.toMatchObject({ code: 'duplicate' });
  });
});

test('a workspace that was removed by hand is a conflict, not something to try again', async () => {
  gateways.methods['agents.create'] = () => {
    throw new AppError('gateway_unavailable', 'The gateway is not available right now.', {
      details: {
        openclaw: { message: 'WorkspaceVanishedError: OpenClaw workspace appears to have disappeared' },
      },
    });
  };
  await expect(create({ id: 'sales' })).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('another workspace'),
  });
  expect(called('agents.delete')).toEqual([]);
});

describe('removing an agent', () => {
  beforeEach(() => {
    present.push({ id: 'sales', workspace: '/home/deploy/.openclaw/workspace-sales' });
  });

  test.each([true, false])('tells OpenClaw whether to delete the files: %s', async (deleteFiles) => {
    await remove('sales', deleteFiles);
    expect(called('agents.delete')).toEqual([{ agentId: 'sales', deleteFiles }]);
  });

  test('is refused for the default agent and for the last one', async () => {
    await expect(remove('main')).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('isDefault'),
    });
    present = present.slice(0, 1);
    defaultId = null;
    await expect(remove('main')).rejects.toMatchObject({ code: 'conflict' });
    await expect(remove('nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect(called('agents.delete')).toEqual([]);
  });

  test('reports files that could not be deleted', async () => {
    gateways.methods['agents.delete'] = () => {
      present = present.slice(0, 1);
      return { ok: true, failed: [{ path: '/home/deploy/.openclaw/workspace-sales' }] };
    };
    await expect(remove('sales', true)).rejects.toMatchObject({ code: 'refused', details: { left: 1 } });
  });

  test("OpenClaw's own refusal is a conflict", async () => {
    gateways.methods['agents.delete'] = () => {
      throw refused('"sales" cannot be deleted');
    };
    await expect(remove('sales')).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('agents › an empty change writes nothing', async () => {
  expect(await agents.update('s1', 'main', {}, { by: 'u1', signal })).toMatchObject({ id: 'main' });
  expect(patches).toEqual([]);
  await expect(agents.update('s1', 'nobody', {}, { by: 'u1', signal })).rejects.toMatchObject({
    code: 'not_found',
  });
});
