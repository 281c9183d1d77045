// The keys of model providers that an agent can use. Buoy passes a new one on and shows none: OpenClaw keeps them.
import { type AgentKey, agentKey, type KeyTest } from '@buoy/contract';
import { type ConfigObject, isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { ConfigApplied } from '../config/config-applied.ts';
import type { HostConfigs } from '../config/host-config.ts';
import type { CallWithConfigLock } from '../config/locked-call.ts';
import { APPLY_MS, CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained } from '../gateway/refusals.ts';
import { boundedArray, figure, firstOf, nameText, wordText } from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { type createKeyMasks, masked, masksIn, modelsStatus } from './key-masks.ts';
import { agentIn, expectAgentOnHost, readAgents, refusedAgent } from './read-agents.ts';

type Options = { signal: AbortSignal };
type AgentKeyId = { agentId: string; provider: string };

/** Milliseconds for the list: OpenClaw's command is asked for the masked form. */
const LIST_MS = 15_000;
/** Milliseconds of a real question to the provider: 6 to 17 s measured. */
const TEST_MS = 60_000;

const word = nameText.nullish().catch(null);

/** OpenClaw knows some fifty. */
const MAX_PROVIDERS = 300;

/** `models.authStatus` of 2026.9.6; 2026.7.35 knows neither sources nor capabilities. */
const authStatus = z.looseObject({
  providers: boundedArray(
    z.looseObject({
      provider: nameText,
      profiles: firstOf(
        z.looseObject({
          type: wordText.catch('api_key'),
          /** `saved`: of the agent. `inherited`: of the store that all agents share. */
          source: word,
        }),
        20,
      ).catch([]),
      apiKey: z.looseObject({ source: word }).nullish().catch(null),
    }),
    MAX_PROVIDERS,
  ),
  providerCapabilities: firstOf(
    z.looseObject({ provider: nameText, apiKeySupported: z.boolean().catch(true) }),
    MAX_PROVIDERS,
  )
    .nullish()
    .catch(null),
});
type AuthStatus = z.output<typeof authStatus>;

const logout = z.looseObject({ removedProfiles: firstOf(nameText, 100).catch([]) });

const probe = z.looseObject({
  status: z.string(),
  latencyMs: figure,
  error: word,
  results: firstOf(z.looseObject({ error: word }), 50)
    .nullish()
    .catch(null),
});

export function createAgentKeys({
  gateways,
  callWithConfigLock,
  reader,
  hostConfigs,
  configApplied,
  masks,
}: {
  gateways: Gateways;
  callWithConfigLock: CallWithConfigLock;
  reader: Reader;
  hostConfigs: Pick<HostConfigs, 'read'>;
  configApplied: ConfigApplied;
  masks: ReturnType<typeof createKeyMasks>;
}) {
  const callOf =
    (serverId: string, signal: AbortSignal, deadlineMs = CHANGE_MS): GatewayCall =>
    (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs, signal });

  const change =
    (serverId: string, signal: AbortSignal): GatewayCall =>
    (method, params, schema) =>
      callWithConfigLock(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal });

  async function readKeys(call: GatewayCall, agentId: string) {
    const { agents, config } = await readAgents(call);
    agentIn({ agents }, agentId);
    const status = await call('models.authStatus', { agentId }, authStatus);
    return { status, config, keys: keysIn(status, config) };
  }

  const list = (serverId: string, agentId: string, { signal }: Options) =>
    reader.read(
      serverId,
      {
        what: `agents/${agentId}/keys`,
        schema: z.object({ keys: z.array(agentKey) }),
        fromGateway: async (call) => {
          const { keys } = await readKeys(call, agentId);
          if (keys.length === 0) return { keys };
          const shown = await masks.of(serverId, agentId);
          return { keys: keys.map((key) => ({ ...key, masked: shown.get(key.provider) ?? null })) };
        },
        fromHost: async (call, limits) => {
          await expectAgentOnHost(hostConfigs, serverId, agentId, limits);
          const words = ['models', 'status', '--agent', agentId, '--json'];
          return { keys: keysOnHost(await call(words, modelsStatus), agentId) };
        },
        // The caller chooses the id: for an unknown agent, it could create any number of rows.
        keep: 'memory',
        slowMs: LIST_MS,
      },
      { signal },
    );

  return {
    /** Throws AppError. */
    list,

    /** Throws AppError `not_found` when the agent can use no key of this provider. */
    async find(serverId: string, { agentId, provider }: AgentKeyId, options: Options) {
      const { keys, source, observedAt } = await list(serverId, agentId, options);
      return { key: keyIn(keys, provider), source, observedAt };
    },

    /** Saves a key for the agent, in place of the one that it had. Throws AppError; `unsupported` on 2026.7.35. */
    async save(
      serverId: string,
      { agentId, provider }: AgentKeyId,
      apiKey: string,
      { signal }: Options,
    ): Promise<AgentKey> {
      const call = callOf(serverId, signal);
      const { status, config } = await readKeys(call, agentId);
      mustKnow(status, config, provider);
      await explained(
        change(serverId, signal)('models.authSetApiKey', { agentId, provider, apiKey }, z.unknown()),
        [refusedAgent(agentId)],
      ).catch((error: unknown) => {
        throw isAppError(error, 'unsupported') ? byCommandOnly(provider, error) : error;
      });
      masks.forget(serverId);
      await configApplied(serverId, { deadlineMs: APPLY_MS, signal });
      const { keys } = await readKeys(call, agentId);
      return { ...keyIn(keys, provider), masked: masked(apiKey) };
    },

    /** Throws AppError: `not_found`, `conflict` for a key that OpenClaw does not keep or that is shared by all agents. */
    async remove(serverId: string, { agentId, provider }: AgentKeyId, { signal }: Options): Promise<void> {
      const call = callOf(serverId, signal);
      const { source } = keyIn((await readKeys(call, agentId)).keys, provider);
      if (source !== 'store') throw notKept(provider, source);
      const { removedProfiles } = await explained(
        change(serverId, signal)(
          'models.authLogout',
          { agentId, provider, credentialType: 'api_key' },
          logout,
        ),
        [refusedAgent(agentId)],
      );
      masks.forget(serverId);
      if (removedProfiles.length === 0)
        throw new AppError('conflict', `OpenClaw cannot remove the key of ${provider} through this agent.`, {
          hint: 'All agents share this key: remove it from the default agent.',
        });
      await configApplied(serverId, { deadlineMs: APPLY_MS, signal });
    },

    /** Asks the provider a small question: it costs a few tokens. Throws AppError; `unsupported` on 2026.7.35. */
    async test(serverId: string, { agentId, provider }: AgentKeyId, { signal }: Options): Promise<KeyTest> {
      keyIn((await readKeys(callOf(serverId, signal), agentId)).keys, provider);
      const answer = await explained(
        callOf(serverId, signal, TEST_MS)('models.probe', { agentId, provider }, probe),
        [refusedAgent(agentId)],
      );
      const error = answer.error ?? answer.results?.find((result) => result.error != null)?.error ?? null;
      return {
        ok: answer.status === 'ok',
        status: answer.status,
        latencyMs: answer.latencyMs == null ? null : Math.round(answer.latencyMs),
        error: error === null ? null : harmless(error),
      };
    },
  };
}

/** Saved ones by provider, then what else the config has. */
export function keysIn(status: AuthStatus, config: ConfigObject): AgentKey[] {
  const saved = status.providers.flatMap(({ provider, profiles, apiKey }): AgentKey[] => {
    const own = profiles.find(({ source }) => source === 'saved') ?? profiles[0];
    if (own !== undefined)
      return [
        {
          provider,
          masked: null,
          type: own.type,
          // 2026.7.35 does not report it: its agents read their own store, then that of the main one.
          scope: own.source === 'saved' ? 'agent' : 'gateway',
          source: 'store',
        },
      ];
    if (apiKey == null) return [];
    return [
      {
        provider,
        masked: null,
        type: 'api_key',
        scope: 'gateway',
        source: apiKey.source === 'env' || apiKey.source === 'environment' ? 'environment' : 'config',
      },
    ];
  });
  const inConfig = Object.entries(providersIn(config))
    .filter(
      ([provider, value]) =>
        isObject(value) && value.apiKey !== undefined && !saved.some((key) => key.provider === provider),
    )
    .map(
      ([provider]): AgentKey => ({
        provider,
        masked: null,
        type: 'api_key',
        scope: 'gateway',
        source: 'config',
      }),
    );
  return [...saved, ...inConfig];
}

/** By OpenClaw's own command, which refuses an unknown agent. */
export function keysOnHost(status: z.output<typeof modelsStatus>, agentId: string): AgentKey[] {
  const shown = masksIn(status);
  return status.auth.providers.flatMap(({ provider, effective }): AgentKey[] => {
    if (effective == null || effective.kind === 'missing') return [];
    const isSaved = effective.kind === 'profiles';
    return [
      {
        provider,
        masked: shown.get(provider) ?? null,
        type: 'api_key',
        scope: isSaved && effective.detail.includes(`/agents/${agentId}/`) ? 'agent' : 'gateway',
        source: isSaved ? 'store' : effective.kind === 'env' ? 'environment' : 'config',
      },
    ];
  });
}

function providersIn({ models }: ConfigObject): ConfigObject {
  return isObject(models) && isObject(models.providers) ? models.providers : {};
}

function keyIn(keys: readonly AgentKey[], provider: string): AgentKey {
  const found = keys.find((key) => key.provider === provider);
  if (found !== undefined) return found;
  throw new AppError('not_found', `The agent has no key of the provider ${provider}.`, {
    hint: 'Save one first.',
  });
}

/** OpenClaw would save a key for any provider name, even an unused one. */
function mustKnow(
  { providers, providerCapabilities }: AuthStatus,
  config: ConfigObject,
  provider: string,
): void {
  if (providerCapabilities == null) return;
  const capability = providerCapabilities.find((one) => one.provider === provider);
  if (providers.some((one) => one.provider === provider) || provider in providersIn(config)) return;
  if (capability === undefined)
    throw new AppError('not_found', `OpenClaw knows no provider ${provider}.`, {
      hint: 'Add it to models.providers in the config, or check its name.',
    });
  if (!capability.apiKeySupported)
    throw new AppError('unsupported', `The provider ${provider} does not sign in with a key.`, {
      hint: 'Sign in with OpenClaw’s own command on the server.',
    });
}

function byCommandOnly(provider: string, cause: AppError): AppError {
  return new AppError('unsupported', 'This version of OpenClaw accepts keys only through its own command.', {
    hint: `Run \`openclaw models auth paste-api-key --provider ${provider}\` on the server, or update OpenClaw.`,
    details: cause.details,
    cause,
  });
}

function notKept(provider: string, source: AgentKey['source']): AppError {
  return new AppError(
    'conflict',
    source === 'config'
      ? `The key of ${provider} is set in the config.`
      : `The key of ${provider} comes from an environment variable of the gateway.`,
    {
      hint:
        source === 'config'
          ? `Change models.providers.${provider}.apiKey there.`
          : 'Change the environment of the service on the server.',
    },
  );
}

/** A provider may quote a part of the key in its answer. */
function harmless(error: string): string {
  return error.replace(/[A-Za-z0-9_*.-]{16,}/g, (text) => (/[0-9*]/.test(text) ? '…' : text)).slice(0, 500);
}
