// The Telegram bot: answers commands and buttons as the person who sends them, through the API. The entry point for the wiring.
import { type Api, Bot } from 'grammy/web';
import type { Leases } from '../leases/leases.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';
import { languages } from '../notify/sender.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { isAddressed, senderOf } from './addressed.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { registerButtons } from './button-presses.ts';
import { registerCommands } from './commands.ts';
import { errorFields } from './error-fields.ts';
import type { PositionStore } from './positions.store.ts';
import { readUpdates, type Update } from './read-updates.ts';
import { createWaits } from './waits.ts';

/** Updates that are answered at the same time, of all people and of one. */
const MAX_AT_ONCE = 64;
const MAX_OF_PERSON = 4;
/** Messages and presses of one person in a row, and milliseconds until one more: anybody on Telegram may write to a bot. */
const MAX_MESSAGES = { capacity: 20, refillMs: 3_000 };
/** The same of all together who may not use this Buoy: Telegram lets a bot send 30 messages a second, and alerts need them. */
const MAX_OF_STRANGERS = { capacity: 60, refillMs: 1_000 };
/** Milliseconds that an update may have waited at Telegram before it counts as one that may be old. */
const FRESH_MS = 2 * 60_000;
/** Seconds for one call of the Bot API; a poll takes 30. */
const CALL_S = 45;

export type RunningBot = { close(): Promise<void> };

/** Reads and answers on one Buoy of those that share a database. */
export function startBot(
  parts: Omit<BotTools, 'signal' | 'waits' | 'mayBeOld'> & {
    botToken: string;
    apiRoot: string;
    leases: Pick<Leases, 'hold'>;
    positions: PositionStore;
    /** Whether somebody with that id in Telegram may use this Buoy. */
    isAdmitted: (userId: string) => Promise<boolean>;
  },
): RunningBot {
  const { botToken, apiRoot, leases, positions, clock, logger } = parts;
  const [botId = ''] = botToken.split(':');
  const ending = new AbortController();
  const slots = createFairSlots({ limit: MAX_AT_ONCE, perShare: MAX_OF_PERSON });
  const ofPerson = createTokenBuckets({ ...MAX_MESSAGES, clock });
  const ofStrangers = createTokenBuckets({ ...MAX_OF_STRANGERS, clock });
  const waits = createWaits({ logger, signal: ending.signal });
  const answering = new Set<Promise<void>>();
  /** In milliseconds since the epoch. */
  const sentAfter = new WeakMap<Update, number>();
  const bot = new Bot(botToken, { client: { apiRoot, timeoutSeconds: CALL_S } });
  const tools: BotTools = {
    ...parts,
    ...{ waits, signal: ending.signal },
    mayBeOld: (update) => clock.now() - (sentAfter.get(update) ?? 0) > FRESH_MS,
  };
  registerButtons(bot, tools);
  registerCommands(bot, tools);

  const answer = async (update: Update): Promise<void> => {
    const sender = senderOf(update);
    if (sender === null || !isAddressed(update, bot.botInfo.username)) return;
    if (!ofPerson.take(sender).granted) return;
    const release = await slots.acquire(sender, ending.signal);
    try {
      if (!(await parts.isAdmitted(sender)) && !ofStrangers.take('').granted) return;
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
      handle(update, sentAfterMs) {
        sentAfter.set(update, sentAfterMs);
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
      await waits.ended();
    },
  };
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
