// What a person answers before a setup: which questions a provider needs, and the request body.
import type { Contract, RequestOf, Task } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { taskTypes } from '@buoy/contract/constants';

type SetupBody = RequestOf<Contract['POST /servers/:id/setup/run']>['body'];

/** `custom`: another one, by its address; `skip`: none yet. */
export const providerChoices = [
  'anthropic',
  'openai',
  'google',
  'openrouter',
  'ollama',
  'custom',
  'skip',
] as const;
export type ProviderChoice = (typeof providerChoices)[number];

/** Who downloads where the server has no way out: Buoy, or the server once it has one. */
export const downloaders = ['buoy', 'server'] as const;
export type DownloaderChoice = (typeof downloaders)[number];

/** Which API a provider with an address has. */
export const compatibilities = ['openai', 'anthropic'] as const;
export type CompatibleApi = (typeof compatibilities)[number];

export type SetupDraft = {
  provider: ProviderChoice;
  apiKey: string;
  baseUrl: string;
  model: string;
  compatibility: CompatibleApi;
  /** Of a Telegram bot; empty for none. */
  botToken: string;
  sudoPassword: string;
  via: DownloaderChoice;
  port: string;
  node: string;
  openclaw: string;
};

export const emptySetupDraft: SetupDraft = {
  provider: 'anthropic',
  apiKey: '',
  baseUrl: '',
  model: '',
  compatibility: 'openai',
  botToken: '',
  sudoPassword: '',
  via: 'buoy',
  port: '18789',
  node: '24',
  openclaw: 'latest',
};

type Need = 'required' | 'optional';
export type Questions = { apiKey: Need | null; address: Need | null; model: Need | null };

/** What is asked about a provider; null: not asked. */
export function questionsOf(provider: ProviderChoice): Questions {
  switch (provider) {
    case 'skip':
      return { apiKey: null, address: null, model: null };
    case 'ollama':
      return { apiKey: null, address: null, model: 'optional' };
    case 'custom':
      return { apiKey: 'optional', address: 'required', model: 'required' };
    default:
      return { apiKey: 'required', address: null, model: null };
  }
}

/**
 * The body of POST /servers/:id/setup/run: of what was typed only what is asked now.
 * @param asks.sudo whether the form asks for a password for sudo
 * @param asks.via whether it asks who downloads
 */
export function setupOf(draft: SetupDraft, asks: { sudo: boolean; via: boolean }): SetupBody {
  const { provider, compatibility, sudoPassword } = draft;
  const botToken = draft.botToken.trim();
  const questions = questionsOf(provider);
  const answer = (field: 'apiKey' | 'baseUrl' | 'model', need: Need | null) => {
    const text = draft[field].trim();
    return need === null || text === '' ? {} : { [field]: text };
  };
  return {
    onboard: {
      provider,
      ...answer('apiKey', questions.apiKey),
      ...answer('baseUrl', questions.address),
      ...answer('model', questions.model),
      ...(questions.address === null ? {} : { compatibility }),
    },
    node: { version: draft.node.trim() },
    openclaw: { version: draft.openclaw.trim() },
    gateway: { port: Number(draft.port) },
    ...(botToken === '' ? {} : { channel: { type: 'telegram', botToken } }),
    ...(asks.sudo && sudoPassword !== '' ? { sudoPassword } : {}),
    ...(asks.via ? { via: draft.via } : {}),
  };
}

/** The draft after it was sent: Buoy has the secrets now, and the page forgets them. */
export function withoutSecrets(draft: SetupDraft): SetupDraft {
  return { ...draft, apiKey: '', botToken: '', sudoPassword: '' };
}

export function hasSecrets({ apiKey, botToken, sudoPassword }: SetupDraft): boolean {
  return apiKey !== '' || botToken !== '' || sudoPassword !== '';
}

/** null: no port that a gateway can listen on. */
export function portOf({ port }: Pick<SetupDraft, 'port'>): number | null {
  const number = Number(port);
  return /^\d{1,5}$/.test(port) && number >= 1 && number <= 65_535 ? number : null;
}

/** What a task of a whole setup has come to; null for one that runs, has failed, or did a single step. */
export function setUpBy(task: Task): { version: string; port: number } | null {
  const { type, status, result } = task;
  if (type !== taskTypes.setup || status !== 'succeeded' || !isObject(result)) return null;
  const { version, gateway } = result as Record<string, unknown>;
  return typeof version === 'string' && isObject(gateway) && typeof gateway.port === 'number'
    ? { version, port: gateway.port }
    : null;
}
