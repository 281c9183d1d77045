// The commands that set OpenClaw up on a server: all of it, or one step.
import type { Contract, RequestOf, Task } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { fixableCheckIds } from '@buoy/contract/constants';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
  numberOption,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { followStarted, followTask, taskResult } from '../follow-task.ts';
import { serverIn } from '../resolve-server.ts';
import { previewOption, scriptIn, scriptOptions, showPreview } from './setup-scripts.ts';
import {
  botToken,
  botTokenOptions,
  keyOptions,
  providerKey,
  sudoOptions,
  sudoPasswordIn,
} from './setup-secrets.ts';
import { outputOption, waitOption } from './tasks.ts';

export const MAX_PORT = 65_535;

const onboardOptions = {
  provider: {
    type: 'string',
    value: 'PROVIDER',
    summary: 'Model provider as OpenClaw names it, ollama, custom, or skip to choose one later',
  },
  model: { type: 'string', value: 'ID', summary: 'Model that agents use' },
  'base-url': { type: 'string', value: 'URL', summary: 'Address of a custom provider or of Ollama' },
  'provider-id': { type: 'string', value: 'ID', summary: 'Name of a custom provider (default: custom)' },
  compatibility: {
    type: 'string',
    value: 'API',
    choices: ['openai', 'anthropic'],
    summary: 'API of a custom provider: openai or anthropic (default: openai)',
  },
  ...keyOptions,
} as const satisfies Record<string, OptionSpec>;
const nodeOptions = {
  'node-version': {
    type: 'string',
    value: 'VERSION',
    summary: 'Version of Node, such as 24.21.0 or 24 (default: 24)',
  },
} as const satisfies Record<string, OptionSpec>;
export const openclawOptions = {
  'openclaw-version': {
    type: 'string',
    value: 'VERSION',
    summary: 'Version of OpenClaw, such as 2026.9.6 (default: latest)',
  },
} as const satisfies Record<string, OptionSpec>;
const downloaders = ['server', 'buoy'] as const;
export const viaOptions = {
  via: {
    type: 'string',
    value: 'WHO',
    choices: downloaders,
    summary: 'Who downloads: server, or buoy, which sends it over SSH (default: buoy if the server cannot)',
  },
} as const satisfies Record<string, OptionSpec>;
export const portOptions = {
  port: { type: 'string', value: 'PORT', summary: 'Port of the gateway (default: 18789)' },
} as const satisfies Record<string, OptionSpec>;
const keptPortOptions = {
  port: { type: 'string', value: 'PORT', summary: 'Port of the gateway (default: as it is)' },
} as const satisfies Record<string, OptionSpec>;
/** Standard input may hold the key of the provider. */
const runBotOptions = {
  telegram: { type: 'boolean', summary: 'Connect a Telegram bot, and ask for its token' },
  'bot-token-env': botTokenOptions['bot-token-env'],
} as const satisfies Record<string, OptionSpec>;
/** undefined: Buoy finds out. */
export function viaIn(context: Context & Given<typeof viaOptions>): (typeof downloaders)[number] | undefined {
  return choiceOption(context, 'via', downloaders);
}
const taskOptions = { 'no-wait': waitOption, output: outputOption } as const;

const managers = ['auto', 'systemd-user', 'systemd-system', 'supervised'] as const;
const binds = ['loopback', 'lan', 'tailnet'] as const;

type OneServer = Context & Args<'server'> & Flags<'no-wait' | 'output'>;

async function run(
  context: OneServer &
    Given<
      typeof onboardOptions &
        typeof runBotOptions &
        typeof sudoOptions &
        typeof previewOption &
        typeof viaOptions
    > &
    Texts<'port' | 'node-version' | 'openclaw-version'>,
): Promise<number | undefined> {
  const port = numberOption(context, 'port', 1, MAX_PORT);
  const node = textOption(context, 'node-version');
  const openclaw = textOption(context, 'openclaw-version');
  if (isSet(context, 'key-stdin') && isSet(context, 'sudo-stdin') && !context.terminal.canAsk)
    throw new UsageError(
      'Standard input holds one secret: --key-stdin and --sudo-stdin do not go together.',
      'Give the key in an environment variable: --key-env VARIABLE',
    );
  const { api, id, name } = await serverIn(context);
  const body = {
    onboard: await onboardingIn(context),
    ...(node === undefined ? {} : { node: { version: node } }),
    ...(openclaw === undefined ? {} : { openclaw: { version: openclaw } }),
    ...(port === undefined ? {} : { gateway: { port } }),
    via: viaIn(context),
  };
  if (await showPreview(context, () => api('POST /servers/:id/setup/run/preview', { params: { id }, body })))
    return undefined;
  const hasBot = isSet(context, 'telegram') || textOption(context, 'bot-token-env') !== undefined;
  const channel = hasBot ? ({ type: 'telegram', botToken: await botToken(context) } as const) : undefined;
  return followWithSudo(context, name, async (sudoPassword) =>
    api('POST /servers/:id/setup/run', { params: { id }, body: { ...body, channel, sudoPassword } }),
  );
}

async function fix(
  context: OneServer & Args<'check'> & Given<typeof sudoOptions & typeof viaOptions>,
): Promise<number | undefined> {
  const named = arg(context, 'check');
  const checkId = fixableCheckIds.find((one) => one === named);
  if (checkId === undefined)
    throw new UsageError(`CHECK is one of ${fixableCheckIds.join(', ')}, not "${named}".`);
  const via = viaIn(context);
  const { api, id, name } = await serverIn(context);
  return followWithSudo(context, name, async (sudoPassword) =>
    api('POST /servers/:id/setup/fix', { params: { id }, body: { checkId, sudoPassword, via } }),
  );
}

async function node(
  context: OneServer & Given<typeof nodeOptions & typeof viaOptions & typeof scriptOptions>,
): Promise<number | undefined> {
  const script = await scriptIn(context);
  const { api, id } = await serverIn(context);
  const body = { version: textOption(context, 'node-version'), via: viaIn(context) };
  const key = 'POST /servers/:id/setup/install-node/preview';
  if (await showPreview(context, () => api(key, { params: { id }, body }))) return undefined;
  const { task } = await api('POST /servers/:id/setup/install-node', {
    params: { id },
    body: { ...body, script },
  });
  return follow(context, task);
}

async function openclaw(
  context: OneServer & Given<typeof openclawOptions & typeof viaOptions & typeof scriptOptions>,
): Promise<number | undefined> {
  const script = await scriptIn(context);
  const { api, id } = await serverIn(context);
  const body = { version: textOption(context, 'openclaw-version'), via: viaIn(context) };
  const key = 'POST /servers/:id/setup/install-openclaw/preview';
  if (await showPreview(context, () => api(key, { params: { id }, body }))) return undefined;
  const { task } = await api('POST /servers/:id/setup/install-openclaw', {
    params: { id },
    body: { ...body, script },
  });
  return follow(context, task);
}

async function onboard(
  context: OneServer & Given<typeof onboardOptions & typeof scriptOptions>,
): Promise<number | undefined> {
  const script = await scriptIn(context);
  const { api, id } = await serverIn(context);
  const body = await onboardingIn(context);
  const key = 'POST /servers/:id/setup/onboard/preview';
  if (await showPreview(context, () => api(key, { params: { id }, body }))) return undefined;
  const { task } = await api('POST /servers/:id/setup/onboard', {
    params: { id },
    body: { ...body, script },
  });
  return follow(context, task);
}

async function service(
  context: OneServer & Given<typeof sudoOptions & typeof scriptOptions> & Texts<'manager' | 'port'>,
): Promise<number | undefined> {
  const script = await scriptIn(context);
  const manager = choiceOption(context, 'manager', managers);
  const port = numberOption(context, 'port', 1, MAX_PORT);
  const { api, id, name } = await serverIn(context);
  const body = { manager, port };
  const key = 'POST /servers/:id/setup/systemd/preview';
  if (await showPreview(context, () => api(key, { params: { id }, body }))) return undefined;
  return followWithSudo(context, name, async (sudoPassword) =>
    api('POST /servers/:id/setup/systemd', {
      params: { id },
      body: { ...body, script, sudoPassword },
    }),
  );
}

/** What is not given stays as it is. */
async function gateway(
  context: Context &
    Args<'server'> &
    Flags<'rotate-token'> &
    Given<typeof sudoOptions & typeof scriptOptions> &
    Texts<'port' | 'bind'>,
): Promise<undefined> {
  const { output, terminal } = context;
  const script = await scriptIn(context);
  const port = numberOption(context, 'port', 1, MAX_PORT);
  const bind = choiceOption(context, 'bind', binds);
  const sudoPassword = await sudoPasswordIn(context);
  const { api, id, name } = await serverIn(context);
  const { status } = await api('GET /servers/:id/openclaw/status', { params: { id } });
  const body = {
    port: port ?? status.gateway.port ?? undefined,
    bind: bind ?? binds.find((one) => one === status.gateway.bind),
    rotateToken: isSet(context, 'rotate-token'),
  };
  const key = 'POST /servers/:id/setup/configure-gateway/preview';
  if (await showPreview(context, () => api(key, { params: { id }, body }))) return undefined;
  const change = (password: string | undefined) =>
    api('POST /servers/:id/setup/configure-gateway', {
      params: { id },
      body: { ...body, script, sudoPassword: password },
    });
  const changed = await change(sudoPassword).catch(async (error: unknown) => {
    const isRefused = error instanceof ApiError && error.code === 'sudo_refused';
    if (!isRefused || sudoPassword !== undefined || !terminal.canAsk) throw error;
    return change(await terminal.ask(`Password for sudo on ${name}: `, { secret: true }));
  });
  output.result(changed, () => {
    output.line(`The gateway listens on port ${changed.gateway.port} (${changed.gateway.bind}).`);
    output.line(changed.restarted ? 'It was restarted.' : 'It was not restarted.');
  });
}

async function channel(
  context: Context & Args<'server'> & Given<typeof botTokenOptions> & Texts<'account'>,
): Promise<void> {
  const { output } = context;
  const account = textOption(context, 'account');
  const token = await botToken(context, { isOnStdin: isSet(context, 'bot-token-stdin') });
  const { api, id } = await serverIn(context);
  const answer = await api('POST /servers/:id/setup/channel', {
    params: { id },
    body: { type: 'telegram', botToken: token, account },
  });
  const { state, username } = answer.channel;
  const bot = username === null ? 'The bot' : `@${username}`;
  output.result(answer, () =>
    output.line(state === 'connected' ? `${bot} is connected.` : `${bot} is not connected yet: ${state}.`),
  );
}

type Onboarding = RequestOf<Contract['POST /servers/:id/setup/onboard']>['body'];

async function onboardingIn(
  context: Context & Given<typeof onboardOptions & typeof previewOption>,
): Promise<Onboarding> {
  const provider = textOption(context, 'provider');
  if (provider === undefined)
    throw new UsageError(
      'Which model provider? Give --provider PROVIDER.',
      'For example anthropic, openai, google, ollama or custom; or skip, to choose one later.',
    );
  const model = textOption(context, 'model');
  const baseUrl = textOption(context, 'base-url');
  if (provider === 'custom' && (model === undefined || baseUrl === undefined))
    throw new UsageError('--provider custom needs --base-url and --model.');
  return {
    ...{ provider, model, baseUrl },
    providerId: textOption(context, 'provider-id'),
    compatibility: choiceOption(context, 'compatibility', onboardOptions.compatibility.choices),
    // A preview does not hold it.
    apiKey: isSet(context, 'preview') ? undefined : await providerKey(context, provider),
  };
}

function follow(context: OneServer, task: Task): Promise<number | undefined> {
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

/** Asks for the password when the server refuses sudo without one, and starts again with it: what is done already is skipped. */
export async function followWithSudo(
  context: OneServer & Given<typeof sudoOptions>,
  server: string,
  start: (sudoPassword: string | undefined) => Promise<{ task: Task }>,
): Promise<number | undefined> {
  const { terminal, output } = context;
  const given = await sudoPasswordIn(context);
  const { task } = await start(given);
  if (isSet(context, 'no-wait')) return follow(context, task);
  const ended = await followTask(context, task, isSet(context, 'output'));
  if (ended.error?.code !== 'sudo_refused' || given !== undefined || !terminal.canAsk)
    return taskResult(context, ended);
  output.note(ended.error.message);
  const password = await terminal.ask(`Password for sudo on ${server}: `, { secret: true });
  if (password === '') return taskResult(context, ended);
  return follow(context, (await start(password)).task);
}

export const setupTaskCommands: readonly Command[] = [
  command({
    name: 'setup run',
    summary: 'Set up OpenClaw on a server, from Node to a gateway that runs as a service',
    args: ['server'],
    options: {
      ...onboardOptions,
      ...portOptions,
      ...nodeOptions,
      ...openclawOptions,
      ...viaOptions,
      ...runBotOptions,
      ...sudoOptions,
      ...previewOption,
      ...taskOptions,
    },
    run,
  }),
  command({
    name: 'setup fix',
    summary: `Fix what "setup check" found: ${fixableCheckIds.join(', ')}`,
    args: ['server', 'check'],
    options: { ...viaOptions, ...sudoOptions, ...taskOptions },
    run: fix,
  }),
  command({
    name: 'setup node',
    summary: 'Install Node for the account of the login',
    args: ['server'],
    options: { ...nodeOptions, ...viaOptions, ...scriptOptions, ...taskOptions },
    run: node,
  }),
  command({
    name: 'setup openclaw',
    summary: 'Install OpenClaw for the account of the login',
    args: ['server'],
    options: { ...openclawOptions, ...viaOptions, ...scriptOptions, ...taskOptions },
    run: openclaw,
  }),
  command({
    name: 'setup onboard',
    summary: 'Write the first config of OpenClaw, with a model provider or without one',
    args: ['server'],
    options: { ...onboardOptions, ...scriptOptions, ...taskOptions },
    run: onboard,
  }),
  command({
    name: 'setup gateway',
    summary: 'Set port, address or token of the gateway, and restart it where it runs as a service',
    args: ['server'],
    options: {
      ...keptPortOptions,
      bind: {
        type: 'string',
        value: 'ADDRESS',
        choices: binds,
        summary: `Where it listens: ${binds.join(', ')} (default: as it is)`,
      },
      'rotate-token': {
        type: 'boolean',
        summary: 'Make a new token for the gateway; whatever uses the old one loses access',
      },
      ...sudoOptions,
      ...scriptOptions,
    },
    run: gateway,
  }),
  command({
    name: 'setup service',
    summary: 'Make the gateway a service, and wait until it is ready',
    args: ['server'],
    options: {
      manager: {
        type: 'string',
        value: 'MANAGER',
        choices: managers,
        summary: `How the gateway is run: ${managers.join(', ')} (default: auto)`,
      },
      ...keptPortOptions,
      ...sudoOptions,
      ...scriptOptions,
      ...taskOptions,
    },
    run: service,
  }),
  command({
    name: 'setup channel',
    summary: 'Connect a Telegram bot to OpenClaw; its token is checked with Telegram first',
    args: ['server'],
    options: {
      ...botTokenOptions,
      account: {
        type: 'string',
        value: 'NAME',
        summary: 'Name of this bot in OpenClaw, where there are several (default: default)',
      },
    },
    run: channel,
  }),
];
