// The Telegram bot: answers commands and buttons as the person who sends them, through the API. The entry point for the wiring.
import { type Api, Bot } from 'grammy/web';
import type { Leases } from '../leases/leases.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';
import { languages } from '../notify/sender.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { registerButtons } from './button-presses.ts';
import { registerCommands } from './commands.ts';
import { errorFields } from './error-fields.ts';
import type { PositionStore } from './positions.store.ts';
import { readUpdates, type Update } from './read-updates.ts';

/** Updates that are answered at the same time, of all people and of one: an agent that is asked takes minutes. */
const MAX_AT_ONCE = 64;
const MAX_OF_PERSON = 4;
/** Messages and presses of one person in a row, and milliseconds until one more: anybody on Telegram may write to a bot. */
const MAX_MESSAGES = { capacity: 20, refillMs: 3_000 };
/** Seconds for one call of the Bot API; a poll takes 30. */
const CALL_S = 45;

export type RunningBot = { close(): Promise<void> };

/** Reads and answers on one Buoy of those that share a database. */
export function startBot(
  parts: Omit<BotTools, 'signal'> & {
    botToken: string;
    apiRoot: string;
    leases: Leases;
    positions: PositionStore;
  },
): RunningBot {
  const { botToken, apiRoot, leases, positions, clock, logger } = parts;
  const [botId = ''] = botToken.split(':');
  const ending = new AbortController();
  const slots = createFairSlots({ limit: MAX_AT_ONCE, perShare: MAX_OF_PERSON });
  const buckets = createTokenBuckets({ ...MAX_MESSAGES, clock });
  const answering = new Set<Promise<void>>();
  const bot = new Bot(botToken, { client: { apiRoot, timeoutSeconds: CALL_S } });
  const tools = { ...parts, signal: ending.signal };
  registerButtons(bot, tools);
  registerCommands(bot, tools);

  const answer = async (update: Update): Promise<void> => {
    const sender = senderOf(update);
    if (sender === null || !buckets.take(sender).granted) return;
    const release = await slots.acquire(sender, ending.signal);
    try {
      await bot.handleUpdate(update);
    } catch (error) {
      if (!ending.signal.aborted) logger.warn(errorFields(error), 'the bot could not answer');
    } finally {
      release();
    }
  };

  const lease = leases.hold(`bot ${botId}`, (signal) =>
    readUpdates({
      ...{ botId, api: bot.api, store: positions, clock, logger, signal },
      async onReady() {
        if (!bot.isInited()) await bot.init(apiSignal(signal));
        await describe(bot.api, parts.appUrl, signal);
      },
      handle(update) {
        // It throws only when Buoy stops.
        const one = answer(update)
          .catch(() => undefined)
          .finally(() => answering.delete(one));
        answering.add(one);
      },
    }),
  );

  return {
    async close() {
      ending.abort(new Error('Buoy is stopping.'));
      await lease.close();
      await Promise.all(answering);
    },
  };
}

/** Who has sent it, by the id that a person has in Telegram and in Buoy; null: no person. */
function senderOf(update: Update): string | null {
  const from = (update.message ?? update.callback_query ?? update.my_chat_member)?.from;
  return from === undefined || from.is_bot ? null : String(from.id);
}

/** Tells Telegram what its clients offer: the commands, and the app beside the message field. */
async function describe(api: Api, appUrl: string | null, signal: AbortSignal): Promise<void> {
  for (const language of languages) {
    const commands = botTexts[language].help.map(([command, description]) => ({ command, description }));
    // English is for all whose language has no words of its own.
    const audience = language === 'en' ? {} : { language_code: language };
    await api.setMyCommands(commands, audience, apiSignal(signal));
  }
  if (appUrl === null) return;
  const button = { type: 'web_app' as const, text: 'Buoy', web_app: { url: appUrl } };
  await api.setChatMenuButton({ menu_button: button }, apiSignal(signal));
}
