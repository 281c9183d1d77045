// What Buoy shows of keys from the gateway and from OpenClaw's command, and what it hides.
import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import type { Cli } from '../host/cli.ts';
import { type CalledGateways, createCalledGateways, readerOf } from '../testing/called-gateways.ts';
import { createAgentKeys, keysIn, keysOnHost } from './agent-keys.ts';
import { createKeyMasks, masked, masksIn, modelsStatus } from './key-masks.ts';

test('agent keys › the gateway lists keys saved for the agent, shared, and in the config', () => {
  const status = {
    providers: [
      { provider: 'openai', profiles: [{ type: 'api_key', source: 'saved' }] },
      { provider: 'anthropic', profiles: [{ type: 'oauth', source: 'inherited' }] },
      { provider: 'fake', profiles: [], apiKey: { source: 'config' } },
      { provider: 'groq', profiles: [], apiKey: { source: 'env' } },
      { provider: 'nothing', profiles: [] },
    ],
  };
  const config = {
    models: { providers: { fake: { apiKey: '__OPENCLAW_REDACTED__' }, own: { apiKey: 'x' }, none: {} } },
  };
  expect(
    keysIn(status, config).map(({ provider, type, scope, source }) => [provider, type, scope, source]),
  ).toEqual([
    ['openai', 'api_key', 'agent', 'store'],
    ['anthropic', 'oauth', 'gateway', 'store'],
    ['fake', 'api_key', 'gateway', 'config'],
    ['groq', 'api_key', 'gateway', 'environment'],
    ['own', 'api_key', 'gateway', 'config'],
  ]);
});

const status = modelsStatus.parse({
  auth: {
    providers: [
      {
        provider: 'openai',
        effective: { kind: 'profiles', detail: '~/.openclaw/agents/sales/agent/openclaw-agent.sqlite' },
        profiles: { labels: ['openai:manual=sk-proj-...7890wxyz'] },
      },
      {
        provider: 'fake',
        effective: { kind: 'models.json', detail: 'sk...ke' },
        profiles: { labels: [] },
        modelsJson: { value: 'sk...ke' },
      },
      { provider: 'groq', effective: { kind: 'missing', detail: 'missing' } },
    ],
  },
});

test("agent keys › OpenClaw's command lists the same keys", () => {
  expect(keysOnHost(status, 'sales')).toEqual([
    { provider: 'openai', masked: 'sk-…wxyz', type: 'api_key', scope: 'agent', source: 'store' },
    { provider: 'fake', masked: '…', type: 'api_key', scope: 'gateway', source: 'config' },
  ]);
});

test('key mask › shows fewer characters than OpenClaw, and none of a short key', () => {
  expect(Object.fromEntries(masksIn(status))).toEqual({ openai: 'sk-…wxyz', fake: '…' });
  expect(masked('sk-ant-api03-0123456789abcdwxyz')).toBe('sk-…wxyz');
  expect(masked('AIzaSyA-0123456789abcdwxyz')).toBe('…wxyz');
  expect(masked('sk-fake')).toBe('…');
});

describe('through the gateway', () => {
  const { signal } = new AbortController();
  const place = { agentId: 'main', provider: 'openai' };
  const apiKey = 'sk-proj-0123456789-abcdefgh-wxyz';
  let gateways: CalledGateways;
  let saved: boolean;
  let commands: number;

  beforeEach(() => {
    saved = false;
    commands = 0;
    gateways = createCalledGateways();
    Object.assign(gateways.methods, {
      'agents.list': () => ({ defaultId: 'main', agents: [{ id: 'main' }] }),
      'config.get': () => ({
        valid: true,
        parsed: { models: { providers: { fake: { apiKey: 'hidden' } } } },
      }),
      'models.authStatus': () => ({
        providers: saved ? [{ provider: 'openai', profiles: [{ type: 'api_key', source: 'saved' }] }] : [],
        providerCapabilities: [
          { provider: 'openai', apiKeySupported: true },
          { provider: 'github-copilot', apiKeySupported: false },
        ],
      }),
      'models.authSetApiKey': () => {
        saved = true;
        return { profileId: 'openai:manual' };
      },
      'models.authLogout': () => ({ removedProfiles: [] }),
      'models.probe': () => ({
        status: 'auth',
        results: [{ error: `Incorrect API key provided: ${apiKey}, check the account.` }],
      }),
    });
  });

  function keys() {
    const cli = {
      json: async () => {
        commands += 1;
        return status;
      },
    } as Partial<Cli> as Cli;
    return createAgentKeys({
      gateways,
      callWithConfigLock: gateways.call,
      reader: readerOf(gateways),
      hostConfigs: { read: async () => expect.unreachable() },
      configApplied: async () => {},
      masks: createKeyMasks({ cli, gateways, clock: systemClock }),
    });
  }

  test('shows only both ends of a saved key, and runs the command once', async () => {
    const feature = keys();
    expect(await feature.save('s1', place, apiKey, { signal })).toMatchObject({
      masked: 'sk-…wxyz',
      scope: 'agent',
    });
    for (let reads = 0; reads < 3; reads += 1)
      expect((await feature.find('s1', place, { signal })).key.masked).toBe('sk-…wxyz');
    expect(commands).toBe(1);
  });

  test('runs the command once for concurrent readers, and again after a change or ten minutes', async () => {
    const clock = createFakeClock();
    const asked: string[] = [];
    const cli = {
      async json(serverId: string) {
        asked.push(serverId);
        return status;
      },
    } as Partial<Cli> as Cli;
    const masks = createKeyMasks({ cli, gateways, clock });
    const read = () => masks.of('s1', 'sales');
    const [one, other] = await Promise.all([read(), read()]);
    expect([...one]).toEqual([...other]);
    clock.pass(599_000);
    expect([...(await read())]).toEqual([...one]);
    expect(asked).toHaveLength(1);
    clock.pass(2_000);
    await read();
    expect(asked).toHaveLength(2);
    const late = read();
    masks.forget('s1');
    await late;
    await read();
    expect(asked).toHaveLength(3);
  });

  test('refuses an unknown provider, one without keys, and a version without the call', async () => {
    const save = (provider: string) => keys().save('s1', { ...place, provider }, apiKey, { signal });
    await expect(save('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(save('github-copilot')).rejects.toMatchObject({ code: 'unsupported' });
    delete gateways.methods['models.authSetApiKey'];
    await expect(save('openai')).rejects.toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('paste-api-key --provider openai'),
    });
  });

  test('says why a key cannot be removed: missing, in the config, kept by another agent', async () => {
    const remove = (provider: string) => keys().remove('s1', { ...place, provider }, { signal });
    await expect(remove('openai')).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove('fake')).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('models.providers.fake.apiKey'),
    });
    saved = true;
    await expect(remove('openai')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('removes the key from the error of a provider', async () => {
    saved = true;
    expect(await keys().test('s1', place, { signal })).toEqual({
      ok: false,
      status: 'auth',
      latencyMs: null,
      error: 'Incorrect API key provided: …, check the account.',
    });
  });
});
