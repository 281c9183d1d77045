// From a bare server to a healthy gateway: what it needs, each step by itself, and all of them as one task.
import { z } from 'zod';
import { fixableCheckIds, MAX_SCRIPT_BYTES, updateComponents } from './constants.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { agent, newAgent } from './openclaw/agents.ts';
import { channelState } from './openclaw/status.ts';
import { openclawVersion } from './openclaw-version.ts';
import { idParams, line, text, time } from './scalars.ts';
import { type Downloader, downloader, takingBoth, withSudo, withVia } from './setup-bodies.ts';
import { gatewayBind, gatewayConfigured } from './task-results.ts';
import { task } from './tasks.ts';
import { effectivePolicy } from './update-policies.ts';

export const checkStatus = z.enum(['pass', 'warn', 'fail']);
export type CheckStatus = z.output<typeof checkStatus>;

export const prerequisiteIds = [
  'os',
  'libc',
  'init',
  'user',
  'sudo',
  'memory',
  'disk',
  'port',
  'node',
  'npm',
  'dns',
  'registry',
  'proxy',
  'clock',
  'openclaw',
  'user_manager',
  'linger',
] as const;
export type PrerequisiteId = (typeof prerequisiteIds)[number];

export const healthCheckIds = ['service', 'gateway', 'rpc', 'linger', 'channels', 'model_turn'] as const;
export type HealthCheckId = (typeof healthCheckIds)[number];

/** `automatic`: Buoy can run it; the others are for a person. */
const fix = z.object({ text: z.string(), command: z.string().nullable(), automatic: z.boolean() });

function checkOf<const Ids extends readonly string[]>(ids: Ids) {
  return z.object({
    id: z.enum(ids),
    title: z.string(),
    status: checkStatus,
    /** The evidence, in one sentence. */
    detail: z.string(),
    fix: fix.nullable(),
  });
}

export const prerequisite = checkOf(prerequisiteIds).meta({ id: 'Prerequisite' });
export type Prerequisite = z.output<typeof prerequisite>;

export const healthCheck = checkOf(healthCheckIds).meta({ id: 'HealthCheck' });
export type HealthCheck = z.output<typeof healthCheck>;

const port = z.number().int().min(1).max(65_535);
/** Exact, such as 24.21.0, or a line of versions, such as 24. */
const nodeVersion = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,4}){0,2}$/, { error: 'must be a version such as 24 or 24.21.0' });
/** The text of the step's preview, edited: it runs in place of the step's own, and the step proves its result as before. */
const withScript = {
  script: text(MAX_SCRIPT_BYTES)
    .refine((script) => new TextEncoder().encode(script).length <= MAX_SCRIPT_BYTES, {
      error: 'must have at most 64 KiB',
    })
    .optional(),
};

/** An edited text does its own downloads. */
function isScriptOrBuoy({
  script,
  via,
}: {
  script?: string | undefined;
  via?: Downloader | undefined;
}): boolean {
  return script === undefined || via !== 'buoy';
}
const notForScript = {
  path: ['via'],
  error: 'must not be buoy for an edited script, which does its own downloads',
};

export const nodeSetup = z.strictObject({ version: nodeVersion.default('24') });
export type NodeSetup = z.output<typeof nodeSetup>;
export const openclawSetup = z.strictObject({ version: openclawVersion.default('latest') });
export type OpenclawSetup = z.output<typeof openclawSetup>;
export const nodeInstall = nodeSetup.extend(withVia);
export const openclawInstall = openclawSetup.extend(withVia);
export const gatewaySetup = z.strictObject({
  port: port.default(18_789),
  bind: gatewayBind.default('loopback'),
});
export type GatewaySetup = z.output<typeof gatewaySetup>;
/** Also given: a new token for the gateway, which ends all access by the old one. */
export const gatewayChange = gatewaySetup.extend({ rotateToken: z.boolean().default(false) });

function hasNoSecret(text: string): boolean {
  // What is no URL has its own message.
  if (!URL.canParse(text)) return true;
  const { username, password, search } = new URL(text);
  return username === '' && password === '' && search === '';
}

const providerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: 'must be the id of a provider, such as anthropic' });
export const onboardingFields = z.strictObject({
  /** `skip`, `custom`, `ollama`, or the name that OpenClaw has for a provider with a key. */
  provider: providerName,
  apiKey: line(4_096).optional(),
  model: line(200).optional(),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    // It is stored and shown, and for Ollama it stands on a command line.
    .refine(hasNoSecret, { error: 'must hold no password and no query: give the key as apiKey' })
    .optional(),
  providerId: providerName.default('custom'),
  compatibility: z.enum(['openai', 'anthropic']).default('openai'),
});
type OnboardingFields = z.output<typeof onboardingFields>;
function missingIn({ provider, model, baseUrl }: OnboardingFields, context: z.core.$RefinementCtx) {
  const missing = (path: string) =>
    context.addIssue({ code: 'custom', path: [path], message: `is needed for the provider ${provider}` });
  if (provider === 'custom' && baseUrl === undefined) missing('baseUrl');
  if (provider === 'custom' && model === undefined) missing('model');
  return missing;
}
function checkOnboarding(fields: OnboardingFields, context: z.core.$RefinementCtx): void {
  const missing = missingIn(fields, context);
  if (!['skip', 'custom', 'ollama'].includes(fields.provider) && fields.apiKey === undefined)
    missing('apiKey');
}
/** Nobody needs a key to see a script that does not hold it. */
const previewedOnboarding = onboardingFields.superRefine((fields, context) => {
  missingIn(fields, context);
});
export const onboarding = onboardingFields.superRefine(checkOnboarding).meta({ id: 'Onboarding' });
export type Onboarding = z.output<typeof onboarding>;

export const serviceSetup = z.strictObject({
  manager: z.enum(['auto', 'systemd-user', 'systemd-system', 'supervised']).default('auto'),
  /** Absent: that of the config. What the service names wins over the config. */
  port: port.optional(),
});
export const defaultAgentSetup = z.strictObject({
  id: newAgent.shape.id.default('main'),
  name: newAgent.shape.name,
  emoji: newAgent.shape.emoji,
  model: newAgent.shape.model,
  /** Sent to it as the first message. */
  message: text(4_000).optional(),
});

export const updateSetup = z.strictObject({
  component: z.enum(updateComponents),
  version: openclawVersion.default('latest'),
  /** Whether to wait for agents that are at work, or to refuse the update. */
  whenBusy: z.enum(['wait', 'refuse']).default('wait'),
  ...withVia,
});
export type UpdateSetup = z.output<typeof updateSetup>;

/** `rag`: this version of Buoy refuses it. Only Ollama needs `sudoPassword`. */
const updateRequest = updateSetup
  .extend({ component: z.enum([...updateComponents, 'rag']), ...withSudo })
  .superRefine(({ component, version, via }, context) => {
    if (component !== 'ollama') return;
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (version === 'latest')
      refuse('version', 'must be an exact version such as 0.12.6: the newest one of Ollama is not known');
    if (via === 'buoy') refuse('via', 'must not be buoy for Ollama, which its own installer downloads');
  });

export const channelChoice = z.strictObject({
  type: z.literal('telegram'),
  /** OpenClaw's name for one of several bots. */
  account: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: 'must be a name such as default or work' })
    .default('default'),
});
export const channelSetup = channelChoice.extend({
  botToken: z.string().regex(/^\d{3,20}:[A-Za-z0-9_-]{20,100}$/, {
    error: 'must be the token of a bot, as @BotFather gives it: digits, a colon, and some 35 characters',
  }),
});
export type ChannelSetup = z.output<typeof channelSetup>;

export const connectedChannel = z
  .object({
    id: z.literal('telegram'),
    account: z.string(),
    state: channelState,
    /** Of the bot; null: Telegram names none. */
    username: z.string().nullable(),
  })
  .meta({ id: 'ConnectedChannel' });
export type ConnectedChannel = z.output<typeof connectedChannel>;

export const componentVersion = z
  .object({
    component: z.enum(updateComponents),
    /** null: it is not installed, or does not tell. */
    current: z.string().nullable(),
    /** null: not known. */
    latest: z.string().nullable(),
    /** Whether it is older than `pinned` or, without a pin, than `latest`; null where either is not known. */
    behind: z.boolean().nullable(),
    /** The version that update policies pin it to; null: none, or they do not agree. */
    pinned: z.string().nullable(),
    /** What the newest version changes, where that is known. */
    changes: z.string().nullable(),
  })
  .meta({ id: 'ComponentVersion' });
export type ComponentVersion = z.output<typeof componentVersion>;

export const scriptPreview = z
  .object({ stepId: z.string(), title: z.string(), script: z.string() })
  .meta({ id: 'ScriptPreview' });
export type ScriptPreview = z.output<typeof scriptPreview>;

const previewed = {
  params: idParams,
  status: 200,
  response: z.object({ scripts: z.array(scriptPreview) }),
} as const satisfies Omit<Endpoint, 'summary'>;

const started = z.object({ task });
const prerequisites = z.object({
  ready: z.boolean(),
  checks: z.array(prerequisite),
  /** Who would download in a setup that names nobody. */
  via: downloader,
  observedAt: time,
});
const checkPrerequisites = {
  params: idParams,
  status: 200,
  cost: 'expensive',
  response: prerequisites,
} as const satisfies Omit<Endpoint, 'summary'>;

const checkUpdates = {
  params: idParams,
  status: 200,
  cost: 'expensive',
  response: z.object({
    components: z.array(componentVersion),
    policy: effectivePolicy,
    observedAt: time,
  }),
} as const satisfies Omit<Endpoint, 'summary'>;

const verifyHealth = {
  params: idParams,
  status: 200,
  cost: 'expensive',
  response: z.object({ ok: z.boolean(), checks: z.array(healthCheck), observedAt: time }),
} as const satisfies Omit<Endpoint, 'summary'>;

const wholeSetup = z.strictObject({
  onboard: onboarding,
  node: nodeSetup.prefault({}),
  openclaw: openclawSetup.prefault({}),
  gateway: gatewaySetup.prefault({}),
  agent: defaultAgentSetup.prefault({}),
  channel: channelSetup.optional(),
  ...withSudo,
  ...withVia,
});

export const setup = takingBoth({
  'GET /servers/:id/setup/check-prereqs': {
    ...checkPrerequisites,
    summary: 'What a server has and lacks for OpenClaw, with evidence and fixes; changes nothing',
    query: z.strictObject({ port: z.coerce.number().pipe(port).default(18_789) }),
  },
  'POST /servers/:id/setup/check-prereqs': {
    ...checkPrerequisites,
    summary: 'Check what a server has and lacks for OpenClaw, as the first step of setup; changes nothing',
    body: z.strictObject({ port: port.default(18_789) }),
  },
  'POST /servers/:id/setup/fix': {
    summary: 'Mend what a check found, where Buoy can; what is there already is skipped',
    params: idParams,
    body: z.strictObject({ checkId: z.enum(fixableCheckIds), ...withSudo, ...withVia }),
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/install-node': {
    summary: 'Install Node for the account of the login; no system package is touched',
    params: idParams,
    body: nodeInstall.extend(withScript).refine(isScriptOrBuoy, notForScript),
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/install-node/preview': {
    ...previewed,
    summary: 'Show the script that installs Node; runs nothing',
    body: nodeInstall,
  },
  'POST /servers/:id/setup/install-openclaw': {
    summary: 'Install OpenClaw under a folder of the account, at one version',
    params: idParams,
    body: openclawInstall.extend(withScript).refine(isScriptOrBuoy, notForScript),
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/install-openclaw/preview': {
    ...previewed,
    summary: 'Show the script that installs OpenClaw; runs nothing',
    body: openclawInstall,
  },
  'POST /servers/:id/setup/onboard': {
    summary: 'Write the first config of OpenClaw, with a model provider or without one',
    params: idParams,
    body: onboardingFields.extend(withScript).superRefine(checkOnboarding),
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/onboard/preview': {
    ...previewed,
    summary: 'Show the script that writes the first config, without the key; runs nothing',
    body: previewedOnboarding,
  },
  'POST /servers/:id/setup/configure-gateway': {
    summary: 'Set port, address and token of the gateway, and restart it where it runs as a service',
    params: idParams,
    body: gatewayChange.extend({ ...withSudo, ...withScript }),
    status: 200,
    cost: 'expensive',
    response: z.object({
      gateway: gatewayConfigured.pick({ port: true, bind: true, authMode: true }),
      restarted: z.boolean(),
    }),
  },
  'POST /servers/:id/setup/configure-gateway/preview': {
    ...previewed,
    summary: 'Show the script that sets port, address and token of the gateway; runs nothing',
    body: gatewayChange.extend(withSudo),
  },
  'POST /servers/:id/setup/systemd': {
    summary: 'Make the gateway a service that survives the login and a reboot; succeeded means ready',
    params: idParams,
    body: serviceSetup.extend({ ...withSudo, ...withScript }),
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/systemd/preview': {
    ...previewed,
    summary: 'Show the script that makes the gateway a service; runs nothing',
    body: serviceSetup.extend(withSudo),
  },
  'GET /servers/:id/setup/verify-health': {
    ...verifyHealth,
    summary: 'Whether service, gateway, RPC, linger and channels work; a model is asked for admins alone',
    query: z.strictObject({ modelTurn: z.enum(['true', 'false']).default('false') }),
  },
  'POST /servers/:id/setup/verify-health': {
    ...verifyHealth,
    summary:
      'Whether the gateway works and, if an admin asks for it, a model answers behind it, which costs tokens',
    body: z.strictObject({ modelTurn: z.boolean().default(false) }),
  },
  'POST /servers/:id/setup/create-default-agent': {
    summary: 'Make the first agent, and have it answer a first message',
    params: idParams,
    body: defaultAgentSetup,
    status: 200,
    cost: 'expensive',
    response: z.object({
      agent,
      created: z.boolean(),
      reply: z.object({ sessionKey: z.string(), text: z.string() }).nullable(),
    }),
  },
  'POST /servers/:id/setup/channel': {
    summary: 'Check the token of a chat bot, and connect the gateway to the bot',
    params: idParams,
    body: channelSetup,
    status: 200,
    cost: 'expensive',
    response: z.object({ channel: connectedChannel }),
  },
  'GET /servers/:id/setup/check-updates': {
    ...checkUpdates,
    summary: 'Versions of OpenClaw, of what runs it, and of Ollama, and whether newer ones are there',
  },
  'POST /servers/:id/setup/check-updates': {
    ...checkUpdates,
    summary: 'Check which components have a newer version; changes nothing',
  },
  'POST /servers/:id/setup/update-component': {
    summary:
      'Update OpenClaw, or the Node, npm or Ollama of its server; if a step fails, Buoy goes back to the old version',
    params: idParams,
    body: updateRequest,
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/run': {
    summary: 'Set up OpenClaw from a bare server to the first answer of an agent, as one task',
    params: idParams,
    body: wholeSetup,
    status: 202,
    response: started,
  },
  'POST /servers/:id/setup/run/preview': {
    ...previewed,
    summary: 'Show the scripts that a whole setup runs, without keys; runs nothing',
    body: wholeSetup.extend({ onboard: previewedOnboarding, channel: channelChoice.optional() }),
  },
} as const satisfies Endpoints);
