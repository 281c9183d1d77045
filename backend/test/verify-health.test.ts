// Who may check the health of a gateway, and who may have a model asked, which costs tokens and leaves an audit entry.
import type { ModelCheck, OpenclawStatus } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setupRoutes } from '../src/routes/setup.ts';
import type { Setup } from '../src/setup/setup.ts';
import { createVerifyHealth } from '../src/setup/verify-health.ts';
import type { Tasks } from '../src/tasks/tasks.ts';
import { type DurabilityApp, startDurabilityApp } from './support/durability-app.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const people = { viewer: 43, admin: 44 } as const;

// The server is away: 503 is the answer to whoever may.
describe('a check of a gateway', () => {
  let running: TestBuoy;
  let url: string;
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    running = await startTestBuoy();
    const token = await running.signIn(42);
    const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'x' };
    const { server } = (
      await running.call('POST', '/servers', { token, body: { name: 'web', ...login } })
    ).json();
    url = `/servers/${server.id}/setup/verify-health`;
    for (const [role, id] of Object.entries(people)) {
      tokens.set(role, await running.signIn(id));
      await running.grant(server.id, String(id), role as keyof typeof people);
    }
  });
  afterAll(() => running?.close());

  const get = async (role: string, modelTurn: string) =>
    running.call('GET', `${url}?modelTurn=${modelTurn}`, { token: tokens.get(role) ?? null });
  const post = async (role: string, modelTurn: boolean) =>
    running.call('POST', url, { token: tokens.get(role) ?? null, body: { modelTurn } });

  test.each(Object.keys(people))('is for a %s, by GET and by POST', async (role) => {
    expect((await get(role, 'false')).statusCode).toBe(503);
    expect((await post(role, false)).statusCode).toBe(503);
  });

  test('asks a model for admins, by GET and by POST', async () => {
    expect((await get('admin', 'true')).statusCode).toBe(503);
    expect((await post('admin', true)).statusCode).toBe(503);
  });

  test('asks no model for viewers, and says why', async () => {
    for (const answer of [await get('viewer', 'true'), await post('viewer', true)]) {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden', error: expect.stringContaining('tokens') });
    }
  });
});

describe('a check of a gateway that answers', () => {
  const status: OpenclawStatus = {
    installed: true,
    version: '2026.9.6',
    gateway: {
      ...{ state: 'running', ready: true, pid: 76, uptimeS: 60 },
      ...{ port: 18_789, bind: 'loopback', authMode: 'token', rssBytes: 700_000_000 },
    },
    service: {
      ...{ manager: 'systemd-system', unit: 'openclaw-gateway.service', activeState: 'active' },
      ...{ result: 'success', restarts: 0, startLimitHit: false },
    },
    channels: [],
    agents: 1,
    sessions: 0,
    update: { current: '2026.9.6', latest: null, behind: null },
    disk: null,
    memory: null,
  };
  const answer: ModelCheck = {
    ...{ ok: true, status: 'ok', provider: 'openai', model: 'openai/gpt-5', latencyMs: 900 },
    detail: 'The model answered.',
  };
  const url = '/api/servers/srv_1/setup/verify-health';

  let running: DurabilityApp;
  let authorization: string;
  /** How many entries there were each time that the model was asked. */
  let asked: number[] = [];
  const entries = async () => (await running.audit.list({ limit: 50 })).entries;
  beforeAll(async () => {
    const verifyHealth = createVerifyHealth({
      status: {
        read: async () => ({
          status,
          source: 'gateway',
          observedAt: '2026-03-01T10:00:00.000Z',
          channelsSeen: true,
        }),
      },
      installations: { find: async () => ({ linger: true }) as never },
      modelCheck: async () => {
        asked.push((await entries()).length);
        return answer;
      },
      clock: { now: () => Date.now(), after: () => () => undefined },
    });
    running = await startDurabilityApp({
      routes: setupRoutes({ setup: { verifyHealth } as Setup, tasks: {} as Tasks }),
    });
    authorization = await running.authorization(44);
    await running.addServer('srv_1', 44, 'admin');
  });
  afterAll(() => running?.close());

  test.each(['GET', 'HEAD'] as const)('leaves an entry before a model is asked by %s', async (method) => {
    asked = [];
    const before = (await entries()).length;
    const call = { method, headers: { authorization } };
    const { statusCode } = await running.app.inject({ ...call, url: `${url}?modelTurn=true` });
    expect([statusCode, asked]).toEqual([200, [before + 1]]);
    expect((await entries())[0]).toMatchObject({
      ...{ action: 'GET /servers/:id/setup/verify-health', result: 'started' },
      ...{ userId: '44', serverId: 'srv_1', details: { modelTurn: true } },
    });
  });

  test('leaves none where no model is asked', async () => {
    asked = [];
    const before = (await entries()).length;
    expect((await running.app.inject({ url, headers: { authorization } })).statusCode).toBe(200);
    expect([asked, (await entries()).length]).toEqual([[], before]);
  });
});
