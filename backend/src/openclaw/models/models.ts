// Models and providers of a server's OpenClaw, and which model is the default one.
import { type OpenclawModels, openclawModels } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { HostConfigs } from '../config/host-config.ts';
import { readConfig } from '../config/read-config.ts';
import type { ConfigWriter } from '../config/writer.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import {
  boundedArray,
  boundedRecord,
  figure,
  firstOf,
  flagOrNull,
  MAX_WORD,
  nameOrNull,
  nameText,
  textsOrNull,
} from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';

type Limits = { signal: AbortSignal };

/** A gateway that passes on hundreds of providers' models has some thousand. */
const MAX_MODELS = 2_000;
const MAX_PROVIDERS = 300;

const tokens = figure.transform((value) => (Number.isInteger(value) ? value : null));
const tags = textsOrNull(20, MAX_WORD);

const listed = z.looseObject({
  models: boundedArray(
    z.looseObject({
      id: nameText,
      provider: nameText,
      name: nameOrNull,
      contextWindow: tokens,
      reasoning: flagOrNull,
      available: flagOrNull,
      tags,
    }),
    MAX_MODELS,
  ),
});

const authStatus = z.looseObject({
  providers: firstOf(
    z.looseObject({
      provider: nameText,
      displayName: nameOrNull,
      status: nameOrNull,
      profiles: firstOf(z.looseObject({ source: nameOrNull }), 20).catch([]),
      apiKey: z.looseObject({ source: nameOrNull }).nullish().catch(null),
    }),
    MAX_PROVIDERS,
  ).catch([]),
});

/** `openclaw models list --json`: `key` is `provider/id`. */
const listedByCommand = z.looseObject({
  models: boundedArray(
    z.looseObject({
      key: nameText.regex(/.\/./),
      name: nameOrNull,
      contextWindow: tokens,
      available: flagOrNull,
      tags,
    }),
    MAX_MODELS,
  ),
});

/** The default model as the config names it: 2026.7.35 does not mark it in its list. */
const defaultModel = z
  .looseObject({
    agents: z.looseObject({
      defaults: z.looseObject({
        model: z.union([
          z.string(),
          z.looseObject({ primary: z.string() }).transform(({ primary }) => primary),
        ]),
      }),
    }),
  })
  .transform(({ agents }) => agents.defaults.model)
  .nullable()
  .catch(null);

const providerModels = z.looseObject({
  models: z.looseObject({
    providers: boundedRecord(
      z
        .looseObject({ models: firstOf(z.looseObject({ id: nameText }), MAX_MODELS).catch([]) })
        .catch({ models: [] }),
      MAX_PROVIDERS,
    ),
  }),
});

export function createModels({
  reader,
  gateways,
  hostConfigs,
  writer,
}: {
  reader: Reader;
  gateways: Gateways;
  hostConfigs: HostConfigs;
  writer: ConfigWriter;
}) {
  return {
    /** From the host: OpenClaw's command and the config file; keys kept outside of the config are not reported. */
    read: (serverId: string, { signal }: Limits) =>
      reader.read(
        serverId,
        {
          what: 'models',
          schema: openclawModels,
          async fromGateway(call): Promise<OpenclawModels> {
            const [{ models }, { providers }, { config }] = await Promise.all([
              call('models.list', { view: 'configured' }, listed),
              call('models.authStatus', {}, authStatus),
              readConfig(call),
            ]);
            const primary = defaultModel.parse(config);
            const configured = providersIn(config);
            const known = new Set(providers.map(({ provider }) => provider));
            const keySources = new Map(configured.map(({ id, keySource }) => [id, keySource]));
            return {
              models: models.map((model) => ({
                id: model.id,
                provider: model.provider,
                name: model.name ?? model.id,
                contextWindow: model.contextWindow ?? null,
                reasoning: model.reasoning ?? null,
                available: model.available ?? null,
                isDefault:
                  primary === null
                    ? (model.tags ?? []).includes('default')
                    : primary === `${model.provider}/${model.id}`,
              })),
              providers: [
                ...providers.map((provider) => {
                  const [profile] = provider.profiles;
                  const source =
                    provider.apiKey?.source ??
                    (profile === undefined ? null : 'profile') ??
                    keySources.get(provider.provider) ??
                    null;
                  return {
                    id: provider.provider,
                    name: provider.displayName ?? provider.provider,
                    status: provider.status ?? null,
                    hasKey: source !== null,
                    keySource: source,
                  };
                }),
                // OpenClaw lists none while it still searches for keys.
                ...configured.filter(({ id }) => !known.has(id)),
              ],
            };
          },
          async fromHost(call, limits): Promise<OpenclawModels> {
            const [{ models }, file] = await Promise.all([
              call(['models', 'list', '--json'], listedByCommand),
              hostConfigs.read(serverId, limits).catch(() => null),
            ]);
            return {
              models: models.map((model) => {
                const [provider = '', ...rest] = model.key.split('/');
                return {
                  id: rest.join('/'),
                  provider,
                  name: model.name ?? model.key,
                  contextWindow: model.contextWindow ?? null,
                  reasoning: null,
                  available: model.available ?? null,
                  isDefault: (model.tags ?? []).includes('default'),
                };
              }),
              providers: providersIn(file?.config ?? null),
            };
          },
        },
        { signal },
      ),

    /** @param model `provider/id`. @throws AppError `not_found` for a model that OpenClaw does not have, else as `patchConfig` does */
    async setDefault(
      serverId: string,
      { model }: { model: string },
      by: string,
      { signal }: Limits,
    ): Promise<{ model: string; rev: number; applied: boolean | null }> {
      const call: GatewayCall = (method, params, schema) =>
        gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal });
      const [{ models }, { config }] = await Promise.all([
        call('models.list', { view: 'configured' }, listed),
        readConfig(call),
      ]);
      const isListed = models.some(({ provider, id }) => `${provider}/${id}` === model);
      if (!isListed && !modelsIn(config).includes(model))
        throw new AppError('not_found', `OpenClaw has no model ${model} on this server.`, {
          hint: 'Choose one from the list of models.',
        });
      const { rev, applied } = await writer.patchConfig(
        serverId,
        {
          patch: {
            agents: {
              defaults: { model: { primary: model }, ...(isListed ? {} : { models: { [model]: {} } }) },
            },
          },
          by,
          note: `Default model ${model}`,
        },
        { signal },
      );
      return { model, rev, applied };
    },
  };
}

/**
 * `provider/id` of each model that the config's providers have. 2026.7.35 lists those alone that `agents.defaults.models` names too, and
 * lets agents use no other.
 */
function modelsIn(config: Record<string, unknown> | null): string[] {
  const parsed = providerModels.safeParse(config);
  if (!parsed.success) return [];
  return Object.entries(parsed.data.models.providers).flatMap(([provider, { models }]) =>
    models.map(({ id }) => `${provider}/${id}`),
  );
}

function providersIn(config: Record<string, unknown> | null): OpenclawModels['providers'] {
  const models = config?.models;
  const providers = isObject(models) ? models.providers : undefined;
  if (!isObject(providers)) return [];
  return Object.entries(providers).map(([id, provider]) => {
    const hasKey = isObject(provider) && provider.apiKey !== undefined;
    return { id, name: id, status: null, hasKey, keySource: hasKey ? 'config' : null };
  });
}
