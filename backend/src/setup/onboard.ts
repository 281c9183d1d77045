// The step that writes the first config of OpenClaw, with a model provider or without one.
import { readFileSync } from 'node:fs';
import type { Onboarding } from '@buoy/contract';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import { requiredSecret } from '../tasks/task-secrets.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'kept.sh', 'onboard.sh'].map(load).join('\n');

/** The key of a provider, among the secrets of a task. */
export const PROVIDER_KEY = 'providerKey';

/** What a task stores of an onboarding: all but the key. */
export type OnboardingInput = Omit<Onboarding, 'apiKey'> & { hasKey: boolean };

/** Names that `openclaw onboard` has for providers with another name than their models (OpenClaw 2026.9.6). */
const optionNames = new Map([
  ['anthropic', { choice: 'apiKey', option: '--anthropic-api-key' }],
  ['google', { choice: 'gemini-api-key', option: '--gemini-api-key' }],
]);

/** Result: `{provider, model, workspace}`. */
export function createOnboardStep<Input>(
  tools: InstallTools,
  of: (input: Input) => {
    onboard: OnboardingInput;
    port: number;
    bind: string;
    always: boolean;
  },
): TaskStepKind {
  return createInstallStep<Input, { provider: string; model: string | null; workspace: string | null }>(
    tools,
    {
      id: 'onboard',
      title: 'Write the first config',
      script,
      variables(input) {
        const { onboard, port, bind } = of(input);
        const { authChoice, keyOption, providerId } = onboardingParts(onboard, '');
        return {
          AUTH_CHOICE: authChoice,
          KEY_OPTION: keyOption ?? '',
          PROVIDER_ID: providerId,
          BASE_URL: onboard.baseUrl ?? '',
          MODEL: onboard.model ?? '',
          GATEWAY_PORT: String(port),
          GATEWAY_BIND: bind,
        };
      },
      secrets: {
        names: ['API_KEY', 'CONFIG_PATCH'],
        of(input, secrets) {
          const { onboard } = of(input);
          const key = onboard.hasKey ? requiredSecret(secrets, PROVIDER_KEY, 'the key of the provider') : '';
          const { configPatch } = onboardingParts(onboard, key);
          return { API_KEY: key, CONFIG_PATCH: configPatch === null ? '' : JSON.stringify(configPatch) };
        },
      },
      always: (input) => of(input).always,
      found(input, installed) {
        const { onboard } = of(input);
        const { config } = installed;
        if (config === null || !config.isLocal) return null;
        const { provider } = onboard;
        const name = provider === 'custom' ? onboard.providerId : provider;
        if (provider !== 'skip' && !config.model?.startsWith(`${name}/`)) return null;
        return {
          reason: 'OpenClaw has a config already.',
          result: { provider, model: config.model, workspace: config.workspace },
        };
      },
    },
  );
}

type OnboardingParts = {
  /** As `openclaw onboard` names the provider. */
  authChoice: string;
  /** Its option for a key; null: it takes none. */
  keyOption: string | null;
  providerId: string;
  /** What goes into the config besides, through a pipe; null for nothing. */
  configPatch: object | null;
};

/** @param key empty where there is none, or where only the other parts are asked for */
export function onboardingParts(onboard: OnboardingInput, key: string): OnboardingParts {
  const { provider, providerId, baseUrl, model, compatibility } = onboard;
  const defaultModel = (primary: string) => ({ agents: { defaults: { model: { primary } } } });
  switch (provider) {
    case 'skip':
    case 'ollama':
      return { authChoice: provider, keyOption: null, providerId: provider, configPatch: null };
    case 'custom': {
      const api = compatibility === 'anthropic' ? 'anthropic-messages' : 'openai-completions';
      const apiKey = key === '' ? {} : { apiKey: key };
      const custom = { baseUrl, api, ...apiKey, models: [{ id: model, name: model }] };
      return {
        ...{ authChoice: 'skip', keyOption: null, providerId },
        configPatch: {
          models: { providers: { [providerId]: custom } },
          ...defaultModel(`${providerId}/${model}`),
        },
      };
    }
    default: {
      const { choice, option } = optionNames.get(provider) ?? {
        choice: `${provider}-api-key`,
        option: `--${provider}-api-key`,
      };
      const primary = model?.includes('/') ? model : `${provider}/${model}`;
      return {
        ...{ authChoice: choice, keyOption: option, providerId: provider },
        configPatch: model === undefined ? null : defaultModel(primary),
      };
    }
  }
}
