// Buttons of messages about alerts. The API decides whether whoever presses one may do it, and writes it into the audit log.
import { ApiError, type Client } from '@buoy/contract/client';
import type { Bot, Context } from 'grammy/web';
import { languageOf } from '../notify/send-to-channel.ts';
import type { Language } from '../notify/sender.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { type ButtonPress, parseButtonData } from '../telegram/buttons.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { outcomeMessage, type RepairMessage, repairMessage, runRepair, untilRepaired } from './repair.ts';

/** Minutes of “Snooze 1 h”. */
const SNOOZE_MINUTES = 60;
/** UTF-16 units of what a pressed button answers: https://core.telegram.org/bots/api#answercallbackquery */
const MAX_NOTICE = 200;

export function registerButtons(bot: Bot, tools: BotTools): void {
  const { clientAs, clock, signal } = tools;
  const cancel = apiSignal(signal);

  const notice = (context: Context, text: string, isRefusal = false) =>
    context.answerCallbackQuery({ text: text.slice(0, MAX_NOTICE), show_alert: isRefusal }, cancel);

  const edit = (context: Context, { html, buttons }: RepairMessage) =>
    context.editMessageText(html, { parse_mode: 'HTML', reply_markup: { inline_keyboard: buttons } }, cancel);

  const act = async (
    context: Context,
    { api, language }: { api: Client; language: Language },
    press: ButtonPress,
  ) => {
    const texts = botTexts[language];
    const [action, id] = press;
    switch (action) {
      case 'ack':
        await api('POST /alerts/:id/ack', { params: { id } });
        return notice(context, texts.acknowledged);
      case 'snooze':
        await api('POST /alerts/:id/snooze', { params: { id }, body: { minutes: SNOOZE_MINUTES } });
        return notice(context, texts.snoozed);
      case 'repair': {
        const { html, buttons } = await repairMessage({ api, language }, id);
        await notice(context, '');
        const { message_id: alertMessage, message_thread_id: topic } = context.msg ?? {};
        return context.reply(
          html,
          {
            ...{ parse_mode: 'HTML', reply_markup: { inline_keyboard: buttons } },
            ...(topic === undefined ? {} : { message_thread_id: topic }),
            ...(alertMessage === undefined
              ? {}
              : { reply_parameters: { message_id: alertMessage, allow_sending_without_reply: true } }),
          },
          cancel,
        );
      }
      case 'run': {
        const [, , step] = press;
        const key = `telegram-${context.chat?.id}-${context.msg?.message_id}-${step}`;
        const { id: taskId } = await runRepair(api, { serverId: id, step, key });
        await notice(context, texts.running);
        // A message that shows a button no longer could be pressed again by others meanwhile.
        await edit(context, { html: `⏳ ${texts.steps[step]}\n${texts.running}`, buttons: [] });
        const ended = await untilRepaired(api, taskId, { clock, signal });
        return ended === null
          ? undefined
          : edit(context, outcomeMessage({ language, serverId: id, step }, ended));
      }
    }
  };

  bot.on('callback_query:data', async (context) => {
    const press = parseButtonData(context.callbackQuery.data);
    const language = languageOf(context.from.language_code ?? null);
    if (press === null) return void (await notice(context, botTexts[language].unknownButton, true));
    try {
      await clientAs(String(context.from.id), (api) => act(context, { api, language }, press));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await notice(context, [error.message, error.hint].filter(Boolean).join(' '), true);
    }
  });
}
