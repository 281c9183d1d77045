// Buttons of messages about alerts. The API decides whether whoever presses one may do it, and writes it into the audit log.
import { ApiError, type Client } from '@buoy/contract/client';
import type { Bot, Context, Filter } from 'grammy/web';
import { languageOf } from '../notify/send-to-channel.ts';
import type { Language } from '../notify/sender.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { type ButtonPress, parseButtonData } from '../telegram/buttons.ts';
import { refusalText } from './answers.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { errorFields } from './error-fields.ts';
import { createPressAnswer, type PressAnswer } from './press-answer.ts';
import { outcomeMessage, type RepairMessage, repairMessage, runRepair, untilRepaired } from './repair.ts';

/** Minutes of “Snooze 1 h”. */
const SNOOZE_MINUTES = 60;

type Press = Filter<Context, 'callback_query:data'>;

export function registerButtons(bot: Bot, tools: BotTools): void {
  const { clientAs, waits, mayBeOld, clock, logger, signal } = tools;
  const cancel = apiSignal(signal);

  /** Beside the message with the button, in its topic where the group has some. */
  const reply = async (context: Press, { html, buttons }: RepairMessage): Promise<void> => {
    const { message_id, message_thread_id: thread, is_topic_message } = context.msg ?? {};
    await context.reply(
      html,
      {
        ...{ parse_mode: 'HTML', reply_markup: { inline_keyboard: buttons } },
        ...(is_topic_message === true && thread !== undefined ? { message_thread_id: thread } : {}),
        ...(message_id === undefined
          ? {}
          : { reply_parameters: { message_id, allow_sending_without_reply: true } }),
      },
      cancel,
    );
  };

  /** Shows how a step goes on in the message with its button. */
  const progressIn = (context: Press) => {
    const messageId = context.msg?.message_id;
    return async (message: RepairMessage): Promise<void> => {
      const { chat } = context;
      try {
        if (chat === undefined || messageId === undefined) return;
        const keyboard = { inline_keyboard: message.buttons };
        const options = { parse_mode: 'HTML' as const, reply_markup: keyboard };
        await context.api.editMessageText(chat.id, messageId, message.html, options, cancel);
      } catch (error) {
        // A message that cannot be changed any more is no reason to stop.
        if (!signal.aborted) logger.warn(errorFields(error), 'the bot could not change a message');
      }
    };
  };

  const act = async (
    context: Press,
    { api, language }: { api: Client; language: Language },
    press: ButtonPress,
    answer: PressAnswer,
  ): Promise<void> => {
    const texts = botTexts[language];
    const [action, id] = press;
    switch (action) {
      case 'ack':
        await api('POST /alerts/:id/ack', { params: { id } });
        return answer.tell(texts.acknowledged);
      case 'snooze':
        await api('POST /alerts/:id/snooze', { params: { id }, body: { minutes: SNOOZE_MINUTES } });
        return answer.tell(texts.snoozed);
      case 'repair': {
        const message = await repairMessage({ api, language }, id);
        await answer.silent();
        await reply(context, message);
        return;
      }
      case 'run': {
        const [, , step, choice] = press;
        const task = await runRepair(api, {
          ...{ serverId: id, step, choice },
          // Of this press: the refusal of an earlier one, while a task was in the way, must not be its answer.
          key: `telegram-${context.callbackQuery.id}-${step}`,
        });
        await answer.tell(texts.running);
        const show = progressIn(context);
        // A message that shows a button no longer could be pressed again by others meanwhile.
        await show({ html: `⏳ ${texts.steps[step]}\n${texts.running}`, buttons: [] });
        const unseen = { html: `⏳ ${texts.steps[step]}\n${texts.stillRunning}`, buttons: [] };
        const userId = String(context.from.id);
        const follow = () =>
          clientAs(
            userId,
            async (own) => {
              const ended = await untilRepaired(own, task.id, { clock, signal });
              return ended === null ? unseen : outcomeMessage({ api: own, language }, id, ended);
            },
            { signal },
          ).then(show, (error: unknown) => show({ html: refusalText(error), buttons: [] }));
        if (!waits.begin(userId, follow)) await show(unseen);
      }
    }
  };

  bot.on('callback_query:data', async (context) => {
    const language = languageOf(context.from.language_code ?? null);
    const answer = createPressAnswer(context, { clock, signal });
    try {
      // Telegram says nothing of when it was pressed, but takes no answer to an old press.
      if (mayBeOld(context.update) && !(await answer.silent())) return;
      const press = parseButtonData(context.callbackQuery.data);
      if (press === null || !isOffered(context, press))
        return void (await answer.tell(botTexts[language].unknownButton, true));
      await clientAs(String(context.from.id), (api) => act(context, { api, language }, press, answer), {
        signal,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await answer.tell([error.message, error.hint].filter(Boolean).join(' '), true);
    } finally {
      answer.end();
    }
  });
}

/**
 * Whether the message has that button: a client can send any data for any message of the bot. Of a message that is too old Telegram does not show
 * the buttons (https://core.telegram.org/bots/api#inaccessiblemessage); what changes no message and writes none may be pressed there.
 */
function isOffered({ callbackQuery: { message, data } }: Press, [action]: ButtonPress): boolean {
  if (message?.date === 0) return action === 'ack' || action === 'snooze';
  const keyboard = message !== undefined && 'reply_markup' in message ? message.reply_markup : undefined;
  return (keyboard?.inline_keyboard ?? [])
    .flat()
    .some((button) => 'callback_data' in button && button.callback_data === data);
}
