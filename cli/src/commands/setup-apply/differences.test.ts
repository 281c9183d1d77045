// The differences between a described server and the real one: applying them leaves none.
import type { Agent, OpenclawModels, Server, ServerChange } from '@buoy/contract';
import { serverChange } from '@buoy/contract/servers';
import { setup as setupEndpoints } from '@buoy/contract/setup';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverChangeBody, setupBody } from './bodies.ts';
import { isMoved, recordChanges, type SetupFacts, setupChanges, setupNotes } from './differences.ts';
import type { SecretReader } from './secret-sources.ts';
import { type DescribedServer, type DescribedSetup, describedServers, serversFile } from './servers-file.ts';
import { runningOpenclaw as status } from './testing/openclaw-status.ts';

const SECRET = '123456789:planted-in-a-secret-source-of-tests';
const at = '2026-03-01T10:00:00.000Z';
const secrets: SecretReader = { read: async () => SECRET };
const nameOf = (id: string) => `server ${id}`;

const server: Server = {
  ...{ id: 'srv_1', name: 'web', host: 'web.example', port: 22, username: 'deploy', authType: 'key' },
  ...{ tags: ['prod'], jumpServerId: null, jumpServerRemoved: false, hostKey: null },
  openclaw: { installed: null, version: null },
  ...{ status: { state: 'up', since: at, checkedAt: at, reasons: [] }, role: 'owner', version: 1 },
  ...{ owner: { id: '1', name: 'Anna', givenBy: null }, createdAt: at, updatedAt: at },
};
const agent: Agent = {
  ...{ id: 'main', name: 'Main', emoji: null, workspace: null, model: 'anthropic/claude', thinking: null },
  ...{ sandbox: null, toolsProfile: null, heartbeat: null, inherited: [], isDefault: true, bindings: 0 },
  createdAt: null,
};
const models: OpenclawModels = {
  models: [
    {
      ...{ id: 'claude', provider: 'anthropic', name: 'Claude', contextWindow: null, reasoning: null },
      ...{ available: true, isDefault: true },
    },
  ],
  providers: [{ id: 'anthropic', name: 'Anthropic', status: 'ok', hasKey: true, keySource: 'profile' }],
};
const healthy: SetupFacts = { status, isFromGateway: true, agents: [agent], models };
const bare: SetupFacts = {
  status: {
    ...status,
    ...{ installed: false, version: null },
    gateway: { ...status.gateway, state: 'not_installed', ready: false, port: null, bind: null },
    service: { ...status.service, manager: 'none' },
  },
  ...{ isFromGateway: false, agents: null, models: null },
};

/** The first server of a file. */
function described(own: object, defaults: object = {}): DescribedServer {
  const file = serversFile.parse({
    defaults: { username: 'deploy', ...defaults },
    servers: [{ name: 'web', host: 'web.example', ...own }],
  });
  const { servers, issues } = describedServers(file);
  expect(issues).toEqual([]);
  return servers[0] as DescribedServer;
}

function describedSetup(setup: object): DescribedSetup {
  return described({ setup: { onboard: { provider: 'skip' }, ...setup } }).setup as DescribedSetup;
}

const secretSource = fc.constantFrom({ env: 'SECRET' }, { file: 'secret' });
const fingerprint = fc.constantFrom(`SHA256:${'A'.repeat(43)}`, `SHA256:${'b'.repeat(43)}`);
const word = fc.constantFrom('a', 'b', 'c', 'web-1', 'поддержка');
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Without the keys whose value is undefined, as a file has none. */
const withoutGaps = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));

const fileServer = fc
  .record({
    ...{
      name: word,
      host: fc.constantFrom('web.example', '10.0.0.9'),
      port: some(fc.integer({ min: 1, max: 65_535 })),
    },
    ...{ username: some(fc.constantFrom('root', 'deploy')), tags: some(fc.array(word, { maxLength: 4 })) },
    hostKey: some(fingerprint),
    auth: some(fc.oneof(fc.record({ password: secretSource }), fc.record({ privateKey: secretSource }))),
  })
  .map(withoutGaps);
const thereServer = fc
  .record({
    ...{
      name: word,
      host: fc.constantFrom('web.example', '10.0.0.9'),
      port: fc.integer({ min: 1, max: 65_535 }),
    },
    ...{ username: fc.constantFrom('root', 'deploy'), tags: fc.uniqueArray(word) },
    authType: fc.constantFrom('key' as const, 'password' as const),
    jumpServerId: fc.constantFrom(null, 'srv_2', 'srv_3'),
    jumpServerRemoved: fc.boolean(),
    hostKey: fc.option(
      fingerprint.map((one) => ({ algorithm: 'ssh-ed25519', fingerprint: one, pinnedAt: at })),
    ),
  })
  .map((fields): Server => ({ ...server, ...fields }));
const jumpChoice = fc.constantFrom(
  undefined,
  null,
  { id: 'srv_2', name: 'gate' },
  { id: 'srv_3', name: 'other' },
);

/** What Buoy does with the body of PUT /servers/:id. */
function afterChange(before: Server, change: ServerChange): Server {
  const { password: _p, privateKey: _k, passphrase: _s, hostKey: _h, tags, ...fields } = change;
  return {
    ...before,
    ...fields,
    ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
    jumpServerRemoved: change.jumpServerId === undefined ? before.jumpServerRemoved : false,
  };
}

describe('differences of a server', () => {
  test('applied, they leave none, and what the file leaves out is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fileServer, thereServer, jumpChoice, async (own, before, jump) => {
        const wanted = described(own);
        const changes = recordChanges(wanted, before, jump, nameOf);
        const body = await serverChangeBody(wanted, changes, { jumpServerId: jump?.id ?? null }, secrets);
        const changed = afterChange(before, serverChange.parse(body));
        const keyChange = changes.find(({ field }) => field === 'host key');
        const hostKey =
          keyChange === undefined
            ? changed.hostKey
            : { algorithm: 'ssh-ed25519', fingerprint: keyChange.to, pinnedAt: at };
        const after = { ...changed, hostKey };
        expect(recordChanges(wanted, after, jump, nameOf)).toEqual([]);
        if (own.port === undefined) expect(after.port).toBe(before.port);
        if (own.tags === undefined) expect(after.tags).toEqual(before.tags);
        if (jump === undefined) expect(after.jumpServerId).toBe(before.jumpServerId);
        expect(JSON.stringify(changes)).not.toContain(SECRET);
        // Buoy asks for the secret again when a server moves; it is sent at no other time.
        expect('password' in body || 'privateKey' in body).toBe(own.auth !== undefined && isMoved(changes));
      }),
    );
  });

  test('names each field with its old and new value', () => {
    const wanted = described({ port: 2222, tags: ['prod', 'eu'], auth: { password: { env: 'P' } } });
    expect(recordChanges(wanted, server, { id: 'srv_2', name: 'gate' }, nameOf)).toEqual([
      { field: 'port', from: '22', to: '2222' },
      { field: 'login', from: 'by key', to: 'by password' },
      { field: 'tags', from: 'prod', to: 'prod, eu' },
      { field: 'jump', from: null, to: 'gate' },
    ]);
  });
});

const setupStep = fc
  .record({
    onboard: fc.constantFrom<object>(
      { provider: 'skip' },
      { provider: 'ollama' },
      { provider: 'anthropic', apiKey: { env: 'SECRET' } },
      { provider: 'openai', apiKey: { env: 'SECRET' } },
      { provider: 'custom', providerId: 'own', baseUrl: 'http://10.0.0.5/v1', model: 'qwen3' },
    ),
    openclaw: some(fc.constantFrom({ version: 'latest' }, { version: '2026.9.6' }, { version: '2026.9.1' })),
    gateway: some(
      fc.constantFrom<object>({}, { port: 18_790 }, { bind: 'lan' }, { port: 18_789, bind: 'loopback' }),
    ),
    agent: some(fc.constantFrom<object>({}, { id: 'support', name: 'Support' }, { id: 'main', emoji: '🦞' })),
    channel: some(
      fc.constantFrom(
        null,
        { type: 'telegram', botToken: { env: 'SECRET' } },
        {
          ...{ type: 'telegram', account: 'work', botToken: { env: 'SECRET' } },
        },
      ),
    ),
    sudoPassword: some(fc.constantFrom(null, { env: 'SECRET' })),
  })
  .map(withoutGaps);
const thereFacts = fc
  .record({
    isBare: fc.boolean(),
    isFromGateway: fc.boolean(),
    state: fc.constantFrom('running' as const, 'stopped' as const, 'failed' as const, 'starting' as const),
    ready: fc.boolean(),
    port: fc.constantFrom(18_789, 18_790, 18_800),
    bind: fc.constantFrom('loopback', 'lan', 'tailnet'),
    manager: fc.constantFrom('systemd-user' as const, 'none' as const),
    channel: fc.constantFrom(null, 'connected' as const, 'disabled' as const, 'disconnected' as const),
    agentId: fc.constantFrom('main', 'other'),
    provider: fc.constantFrom('anthropic', 'openai', 'ollama'),
  })
  .map((there): SetupFacts => {
    if (there.isBare) return bare;
    const { state, ready, port, bind, manager, channel, agentId, provider, isFromGateway } = there;
    return {
      status: {
        ...status,
        gateway: { ...status.gateway, state, ready, port, bind },
        service: { ...status.service, manager },
        channels:
          channel === null ? [] : [{ id: 'telegram', account: 'default', state: channel, error: null }],
      },
      isFromGateway,
      agents: [{ ...agent, id: agentId }],
      models: withProvider(provider, true),
    };
  });

function withProvider(provider: string, hasKey: boolean): OpenclawModels {
  const [model] = models.models;
  const [known] = models.providers;
  if (model === undefined || known === undefined) throw new Error('The fixture has no model.');
  return { models: [{ ...model, provider }], providers: [{ ...known, id: provider, hasKey }] };
}

/** What a setup with this body leaves on a server. */
function afterSetup(before: SetupFacts, body: unknown): SetupFacts {
  const {
    onboard,
    gateway,
    openclaw,
    agent: wanted,
    channel,
  } = setupEndpoints['POST /servers/:id/setup/run'].body.parse(body);
  const name = onboard.provider === 'custom' ? onboard.providerId : onboard.provider;
  const agents = before.agents ?? [];
  const there = agents.find(({ id }) => id === wanted.id) ?? { ...agent, id: wanted.id, isDefault: false };
  const { name: agentName = there.name, emoji = there.emoji, model = there.model } = wanted;
  const channels = before.status.channels.filter(({ account }) => account !== channel?.account);
  return {
    status: {
      ...status,
      version: before.status.installed ? before.status.version : openclaw.version,
      gateway: { ...status.gateway, port: gateway.port, bind: gateway.bind },
      channels:
        channel === undefined
          ? before.status.channels
          : [...channels, { id: 'telegram', account: channel.account, state: 'connected', error: null }],
    },
    isFromGateway: true,
    agents: [...agents.filter(({ id }) => id !== wanted.id), { ...there, name: agentName, emoji, model }],
    models: name === 'skip' ? before.models : withProvider(name, onboard.apiKey !== undefined),
  };
}

describe('differences of a setup', () => {
  test('a setup with them leaves none, and what the file leaves out is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(setupStep, thereFacts, async (steps, before) => {
        const wanted = describedSetup(steps);
        const body = await setupBody(wanted, before, secrets);
        const after = afterSetup(before, body);
        expect(setupChanges(wanted, after)).toEqual([]);
        if (!before.status.installed) return;
        expect(after.status.version).toBe(before.status.version);
        if (wanted.gateway?.port === undefined)
          expect(after.status.gateway.port).toBe(before.status.gateway.port);
        if (wanted.gateway?.bind === undefined)
          expect(after.status.gateway.bind).toBe(before.status.gateway.bind);
        if (wanted.agent === undefined) expect(after.agents).toEqual(before.agents);
      }),
    );
  });

  test.each<[what: string, setup: object, facts: SetupFacts, fields: string[]]>([
    ['a server without OpenClaw', {}, bare, ['OpenClaw']],
    ['a healthy gateway', { gateway: { port: 18_789 } }, healthy, []],
    [
      'a stopped gateway',
      {},
      { ...healthy, status: { ...status, gateway: { ...status.gateway, state: 'stopped' } } },
      ['gateway'],
    ],
    [
      'a gateway that no service starts',
      {},
      { ...healthy, status: { ...status, service: { ...status.service, manager: 'none' } } },
      ['gateway'],
    ],
    ['a gateway that answers no call', {}, { ...healthy, isFromGateway: false }, ['gateway']],
    ['another port', { gateway: { port: 18_790 } }, healthy, ['port']],
    ['an agent that is missing', { agent: { id: 'support' } }, healthy, ['agent support']],
    ['another name of an agent', { agent: { name: 'Support' } }, healthy, ['name of agent main']],
    [
      'a channel that is missing',
      { channel: { type: 'telegram', botToken: { env: 'T' } } },
      healthy,
      ['channel telegram'],
    ],
    [
      'a provider without a key',
      { onboard: { provider: 'openai', apiKey: { env: 'K' } } },
      healthy,
      ['provider'],
    ],
    [
      'another default model of a provider that has its key',
      { onboard: { provider: 'anthropic', apiKey: { env: 'K' } } },
      { ...healthy, models: { ...models, models: withProvider('openai', true).models } },
      [],
    ],
    ['another version', { openclaw: { version: '2026.9.1' } }, healthy, []],
  ])('of %s are named by their fields', (_what, setup, facts, fields) => {
    expect(setupChanges(describedSetup(setup), facts).map(({ field }) => field)).toEqual(fields);
  });

  test('another version is named with the command for an update, and never replaced by a setup', async () => {
    const wanted = describedSetup({ openclaw: { version: '2026.9.1' } });
    expect(setupNotes(wanted, healthy, 'srv_1')).toEqual([
      'It has OpenClaw 2026.9.6, and an installed version stays. Update it: buoy openclaw update srv_1 --openclaw-version 2026.9.1',
    ]);
    expect(await setupBody(wanted, healthy, secrets)).not.toHaveProperty('openclaw');
    expect(await setupBody(wanted, bare, secrets)).toMatchObject({ openclaw: { version: '2026.9.1' } });
  });
});

describe('defaults', () => {
  test('are replaced as a whole, and in setup step by step', () => {
    const defaults = {
      tags: ['prod'],
      auth: { privateKey: { file: 'key' }, passphrase: { env: 'P' } },
      setup: { onboard: { provider: 'anthropic', apiKey: { env: 'K' } }, gateway: { port: 18_790 } },
    };
    const own = { tags: [], auth: { password: { env: 'P' } }, setup: { onboard: { provider: 'skip' } } };
    const { tags, auth, setup } = described(own, defaults);
    expect({ tags, auth, gateway: setup?.gateway }).toEqual({
      ...{ tags: [], auth: { password: { env: 'P' } }, gateway: { port: 18_790 } },
    });
    expect(setup?.onboard).toMatchObject({ provider: 'skip' });
    expect(setup?.onboard).not.toHaveProperty('apiKey');
    expect(described({ setup: null }, defaults).setup).toBeNull();
  });
});
