// Connects OpenClaw to a Telegram bot: the token is checked with Telegram first, so that a wrong one changes nothing.
import { readFileSync } from 'node:fs';
import type { ConnectedChannel } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { pause } from '../../lib/pause.ts';
import { quote } from '../../ssh/quote.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { readConfig } from '../config/read-config.ts';
import type { ConfigWriter } from '../config/writer.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { cutText, nameText, ownValue } from '../reads/bounded.ts';
import { channelAccounts, channelsStatus, presentChannel } from '../status/channels.ts';

const script = readFileSync(new URL('telegram-bot.sh', import.meta.url), 'utf8');
/** Milliseconds; the script gives Telegram 15 s. */
const ASK_MS = 25_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Of telegram-bot.sh. */
const NO_PROGRAM_EXIT_CODE = 26;
const TELEGRAM = 'https://api.telegram.org';
/** Milliseconds for the bot to connect: 2 to 5 s, and OpenClaw 2026.7.35 restarts for a channel first. */
const CONNECT_MS = 60_000;
const POLL_MS = 1_000;

/** https://core.telegram.org/bots/api#making-requests and #getme */
const botAnswer = z.looseObject({
  ok: z.boolean(),
  description: cutText(300).optional().catch(undefined),
  result: z
    .looseObject({ username: nameText.nullish().catch(null) })
    .optional()
    .catch(undefined),
});

type TelegramBot = {
  /** A function is asked each time right before the token is sent; it throws when it may not be sent any more. */
  botToken: string | (() => Promise<string>);
  account: string;
};

/**
 * @param options.by whom the history of the config names
 * @param options.mayWrite asked right before the config is changed; it throws when nothing may be changed any more
 * @returns the channel as it is once it is connected, or after a minute
 * @throws AppError `provider_refused` with Telegram's words, `refused` where the server does not reach Telegram, and as a change of the config does
 */
export type ConnectTelegram = (
  serverId: string,
  bot: TelegramBot,
  options: { by: string; signal: AbortSignal; mayWrite?: () => Promise<unknown> },
) => Promise<ConnectedChannel>;

export function createConnectTelegram({
  ssh,
  gateways,
  writer,
  clock,
}: {
  ssh: Pick<Ssh, 'lateScript'>;
  gateways: Gateways;
  writer: ConfigWriter;
  clock: Clock;
}): ConnectTelegram {
  return async (serverId, bot, { by, signal, mayWrite }) => {
    const { config } = await readConfig((method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true }),
    );
    const currentToken = async () => (typeof bot.botToken === 'string' ? bot.botToken : bot.botToken());
    const username = await usernameOf(serverId, currentToken, apiRootIn(config), signal);
    const patch = patchFor(await currentToken(), bot.account);
    const mayStillWrite = async () => {
      await currentToken();
      await mayWrite?.();
    };
    await writer.patchConfig(
      serverId,
      { patch, by, note: 'Connects a Telegram bot.' },
      { signal, mayWrite: mayStillWrite },
    );
    const state = await stateWhenConnected(serverId, bot.account, signal);
    return { id: 'telegram', account: bot.account, state, username };
  };

  /** null: Telegram names none. */
  async function usernameOf(
    serverId: string,
    currentToken: () => Promise<string>,
    apiRoot: string,
    signal: AbortSignal,
  ): Promise<string | null> {
    // A variable that the login already has would be part of the environment of each program.
    const withToken = async () =>
      `unset BOT_TOKEN\nAPI_ROOT=${quote(apiRoot)}\nBOT_TOKEN=${quote(await currentToken())}\n${script}`;
    const { stdout, exitCode } = await ssh.lateScript(serverId, withToken, [], {
      ...{ deadlineMs: ASK_MS, signal, maxOutputBytes: MAX_OUTPUT_BYTES },
    });
    if (exitCode === NO_PROGRAM_EXIT_CODE)
      throw new AppError('refused', 'Neither curl nor wget is installed on the server.', {
        hint: 'Install curl with its package manager, then try again.',
      });
    const answer = botAnswer.safeParse(jsonIn(stdout));
    if (!answer.success)
      throw new AppError('refused', 'The server got no answer from Telegram.', {
        hint: 'Check that it reaches https://api.telegram.org: OpenClaw would not reach it either.',
      });
    const { ok, description, result } = answer.data;
    if (!ok)
      throw new AppError(
        'provider_refused',
        `Telegram refuses the token${description === undefined ? '' : `: ${description}`}.`,
        { hint: 'Copy the token of the bot again, from @BotFather in Telegram.' },
      );
    return result?.username ?? null;
  }

  async function stateWhenConnected(
    serverId: string,
    account: string,
    signal: AbortSignal,
  ): Promise<ConnectedChannel['state']> {
    const endsAt = clock.now() + CONNECT_MS;
    for (;;) {
      const state = await stateOf(serverId, account, signal);
      if (state === 'connected' || clock.now() >= endsAt) return state;
      await pause(clock, POLL_MS, signal);
    }
  }

  /** A gateway that restarts for the channel does not answer for a while. */
  async function stateOf(
    serverId: string,
    account: string,
    signal: AbortSignal,
  ): Promise<ConnectedChannel['state']> {
    try {
      const limits = { deadlineMs: CHANGE_MS, signal };
      const answer = await gateways.call(serverId, 'channels.status', {}, channelsStatus, limits);
      const channel = channelAccounts(answer)
        .map(({ id, account: one }) => presentChannel(id, one))
        .find((one) => one.id === 'telegram' && one.account === account);
      return channel?.state ?? 'starting';
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      return 'starting';
    }
  }
}

/** OpenClaw keeps the token of the account `default` beside the accounts (2026.9.6). */
function patchFor(botToken: string, account: string): Record<string, unknown> {
  const telegram =
    account === 'default'
      ? { enabled: true, botToken }
      : { enabled: true, accounts: { [account]: { enabled: true, botToken } } };
  return { channels: { telegram }, plugins: { entries: { telegram: { enabled: true } } } };
}

/** Where OpenClaw asks Telegram: an own Bot API server is set in its config. */
function apiRootIn(config: unknown): string {
  const telegram = objectAt(objectAt(config, 'channels'), 'telegram');
  const root = isObject(telegram) ? ownValue(telegram, 'apiRoot') : undefined;
  if (typeof root !== 'string' || !/^https?:\/\//.test(root) || !URL.canParse(root)) return TELEGRAM;
  return new URL(root).href.replace(/\/+$/, '');
}

function objectAt(parent: unknown, name: string): unknown {
  return isObject(parent) ? ownValue(parent, name) : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
