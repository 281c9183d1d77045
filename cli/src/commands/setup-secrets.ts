// The key of a model provider and the password for sudo: asked for, or read from where `ps` and the shell history do not show them.
import { askSecret } from '../ask-secret.ts';
import { type Context, type Given, isSet, type OptionSpec, textOption, UsageError } from '../command.ts';

export const keyOptions = {
  'key-stdin': { type: 'boolean', summary: 'Read the key of the provider from standard input' },
  'key-env': {
    type: 'string',
    value: 'VARIABLE',
    summary: 'Take the key of the provider from this environment variable',
  },
} as const satisfies Record<string, OptionSpec>;

export const sudoOptions = {
  'sudo-stdin': { type: 'boolean', summary: 'Read the password for sudo from standard input' },
} as const satisfies Record<string, OptionSpec>;

export const botTokenOptions = {
  'bot-token-stdin': { type: 'boolean', summary: 'Read the token of the bot from standard input' },
  'bot-token-env': {
    type: 'string',
    value: 'VARIABLE',
    summary: 'Take the token of the bot from this environment variable',
  },
} as const satisfies Record<string, OptionSpec>;

const withoutKey: readonly string[] = ['skip', 'ollama'];

/** The key from the options, or typed when asked; undefined for none. @throws UsageError when one is needed and cannot be asked for */
export async function providerKey(
  context: Context & Given<typeof keyOptions>,
  provider: string,
): Promise<string | undefined> {
  const { terminal } = context;
  const variable = textOption(context, 'key-env');
  const isOnStdin = isSet(context, 'key-stdin');
  if (variable !== undefined && isOnStdin)
    throw new UsageError('--key-stdin and --key-env do not go together.');
  if (withoutKey.includes(provider)) {
    if (variable !== undefined || isOnStdin) throw new UsageError(`--provider ${provider} takes no key.`);
    return undefined;
  }
  if (variable !== undefined) return environmentVariable(context, variable);
  if (isOnStdin) return askSecret(context, `Key for ${provider}`);
  if (provider === 'custom') {
    const key = terminal.canAsk
      ? await terminal.ask('Key for the provider (empty for none): ', { secret: true })
      : '';
    return key === '' ? undefined : key;
  }
  if (!terminal.canAsk)
    throw new UsageError(
      `--provider ${provider} needs a key. There is no terminal to ask on.`,
      'Give it on standard input with --key-stdin, or in an environment variable with --key-env VARIABLE.',
    );
  return askSecret(context, `Key for ${provider}`);
}

/** The password from standard input with --sudo-stdin, else undefined. */
export async function sudoPasswordIn(
  context: Context & Given<typeof sudoOptions>,
): Promise<string | undefined> {
  return isSet(context, 'sudo-stdin') ? askSecret(context, 'Password for sudo') : undefined;
}

/** The token of a Telegram bot from the options, or typed when asked. @throws UsageError when it cannot be asked for */
export async function botToken(
  context: Context & Given<Pick<typeof botTokenOptions, 'bot-token-env'>>,
  { isOnStdin = false }: { isOnStdin?: boolean } = {},
): Promise<string> {
  const variable = textOption(context, 'bot-token-env');
  if (variable !== undefined && isOnStdin)
    throw new UsageError('--bot-token-stdin and --bot-token-env do not go together.');
  if (variable !== undefined) return environmentVariable(context, variable);
  if (!isOnStdin && !context.terminal.canAsk)
    throw new UsageError(
      'Which bot? There is no terminal to ask for its token on.',
      'Give it on standard input with --bot-token-stdin, or in an environment variable with --bot-token-env VARIABLE.',
    );
  return askSecret(context, 'Token of the bot, from @BotFather');
}

function environmentVariable({ terminal }: Context, name: string): string {
  const value = terminal.environment[name];
  if (value === undefined || value === '')
    throw new UsageError(`The environment variable ${name} is not set.`);
  return value;
}
